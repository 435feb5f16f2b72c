#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "options/option_table.h"

namespace steno {

/// A value that the row allows and that is not its default, so that a path that drops the option
/// changes the result.
template <class Owner>
OptionValue changed_value(const Option<Owner>& row) {
  std::vector<OptionValue> candidates = {
      true,
      false,
      std::string("de"),
      std::vector<double>{1, 2},
      std::vector<ReplaceRule>{{"colour", "color"}},
      std::vector<KnownSpeaker>{{"Ann", "UklGRg=="}},
  };
  for (const auto& choice : row.choices) candidates.emplace_back(choice);
  if (!row.choices.empty()) candidates.emplace_back(std::vector<std::string>{row.choices.front()});
  if (row.range) {
    for (const double number : {row.range->low + 0.25, row.range->low + 1, row.range->high}) {
      candidates.emplace_back(number);
      candidates.emplace_back(std::vector<double>{number});
    }
  }
  for (const OptionValue& candidate : candidates) {
    const auto checked = row.checked(candidate);
    if (checked && *checked != row.get(Owner())) return *checked;
  }
  ADD_FAILURE() << "no other value of " << row.name << " is known to this test";
  return {};
}

/// Options that differ from the defaults in one row.
template <class Owner>
Owner with_changed(const Option<Owner>& row) {
  Owner options;
  row.put(options, changed_value(row));
  return options;
}

}  // namespace steno
