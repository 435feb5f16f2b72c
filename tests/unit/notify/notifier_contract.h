#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "notify/notifier.h"
#include "unit/base/temporary_folder.h"

// The promises of every notifier. An implementation joins by a line in notifier_backends_test.cc.

namespace steno {

/// A kind of notifier. Files for its own use may lie in `folder`.
struct NotifierBackend {
  std::string name;
  std::function<std::unique_ptr<Notifier>(const std::filesystem::path& folder)> open;
};

inline void PrintTo(const NotifierBackend& backend, std::ostream* out) { *out << backend.name; }

class NotifierContract : public testing::TestWithParam<NotifierBackend> {
 protected:
  /// Whether there was a notification before now.
  static bool is_notified(Notifier::Listener& listener) {
    return listener.wait(Milliseconds(0), {});
  }

  TemporaryFolder folder_;
  std::unique_ptr<Notifier> notifier_ = GetParam().open(folder_.path());
};

}  // namespace steno
