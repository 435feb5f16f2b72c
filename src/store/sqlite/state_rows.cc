#include "store/sqlite/state_rows.h"

namespace steno::sqlite {

std::optional<std::string> StateRows::get(std::string_view name) {
  return database_.read("state.get", [&](Connection& connection) -> std::optional<std::string> {
    Query query(connection, "SELECT value FROM state WHERE name = ?", name);
    if (!query.next()) return std::nullopt;
    return query.get<std::string>(0);
  });
}

bool StateRows::replace(std::string_view name, const std::optional<std::string>& before,
                        std::string_view value) {
  return database_.write("state.replace", [&](Connection& connection) {
    if (!before) {
      return Query(connection, "INSERT INTO state VALUES (?, ?) ON CONFLICT DO NOTHING", name,
                   value)
                 .run() > 0;
    }
    return Query(connection, "UPDATE state SET value = ? WHERE name = ? AND value = ?", value, name,
                 *before)
               .run() > 0;
  });
}

}  // namespace steno::sqlite
