#include "store/sqlite/access.h"

namespace steno::sqlite {
namespace {

constexpr std::string_view kColumns =
    "id, owner, name, prefix, hash, scopes, created_at, expires_at, revoked_at, last_used_at";

std::string select_keys(std::string_view rest) {
  return "SELECT " + std::string(kColumns) + " FROM api_keys " + std::string(rest);
}

ApiKey read_key(const Query& row) {
  return {.id = row.get<std::string>(0),
          .owner = row.get<std::string>(1),
          .name = row.get<std::string>(2),
          .prefix = row.get<std::string>(3),
          .hash = row.get<std::string>(4),
          .scopes = row.get<Scopes>(5),
          .created_at = row.get<Time>(6),
          .expires_at = row.get<std::optional<Time>>(7),
          .revoked_at = row.get<std::optional<Time>>(8),
          .last_used_at = row.get<std::optional<Time>>(9)};
}

std::optional<ApiKey> first_key(Query& query) {
  if (!query.next()) return std::nullopt;
  return read_key(query);
}

void insert_key(Connection& connection, const ApiKey& key) {
  static const std::string sql =
      "INSERT INTO api_keys (" + std::string(kColumns) + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  Query(connection, sql, key.id, key.owner, key.name, key.prefix, Blob{key.hash}, key.scopes,
        key.created_at, key.expires_at, key.revoked_at, key.last_used_at)
      .run();
}

}  // namespace

void Keys::add(const ApiKey& key) {
  database_.write("keys.add", [&](Connection& connection) { insert_key(connection, key); });
}

std::optional<ApiKey> Keys::find_by_hash(std::string_view hash) {
  static const std::string sql = select_keys("WHERE hash = ?");
  return database_.read("keys.find_by_hash", [&](Connection& connection) {
    Query query(connection, sql, Blob{hash});
    return first_key(query);
  });
}

std::optional<ApiKey> Keys::find(std::string_view id) {
  static const std::string sql = select_keys("WHERE id = ?");
  return database_.read("keys.find", [&](Connection& connection) {
    Query query(connection, sql, id);
    return first_key(query);
  });
}

std::vector<ApiKey> Keys::list() {
  static const std::string sql = select_keys("ORDER BY created_at, id");
  return database_.read("keys.list", [](Connection& connection) {
    Query query(connection, sql);
    std::vector<ApiKey> keys;
    while (query.next()) keys.push_back(read_key(query));
    return keys;
  });
}

bool Keys::revoke(std::string_view id, Time now) {
  return database_.write("keys.revoke", [&](Connection& connection) {
    return Query(connection,
                 "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, id)
               .run() > 0;
  });
}

bool Keys::rotate(std::string_view old_id, Time until, const ApiKey& fresh) {
  return database_.write("keys.rotate", [&](Connection& connection) {
    // An earlier expiry is kept.
    const int changed = Query(connection,
                              "UPDATE api_keys SET expires_at = min(coalesce(expires_at, ?1), ?1)"
                              " WHERE id = ?2 AND revoked_at IS NULL",
                              until, old_id)
                            .run();
    if (changed == 0) return false;
    insert_key(connection, fresh);
    return true;
  });
}

void Keys::note_use(std::string_view id, Time now) {
  database_.write("keys.note_use", [&](Connection& connection) {
    Query(connection,
          "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, ?1), ?1) WHERE id = ?2",
          now, id)
        .run();
  });
}

}  // namespace steno::sqlite
