#include "store/sqlite/upload_table.h"

namespace steno::sqlite {
namespace {

std::string select_uploads(std::string_view rest) {
  return "SELECT id, owner, blob, metadata, length, complete, created_at, "
         "expires_at"
         " FROM uploads " +
         std::string(rest);
}

std::vector<Upload> read_uploads(Query& row) {
  std::vector<Upload> uploads;
  while (row.next()) {
    uploads.push_back({.id = row.get<std::string>(0),
                       .owner = row.get<std::string>(1),
                       .blob = row.get<std::string>(2),
                       .metadata = row.get<std::string>(3),
                       .length = row.get<int64_t>(4),
                       .complete = row.get<bool>(5),
                       .created_at = row.get<Time>(6),
                       .expires_at = row.get<Time>(7)});
  }
  return uploads;
}

}  // namespace

bool take_upload(Connection& connection, const UploadUse& use, std::string_view blob) {
  return Query(connection,
               "UPDATE uploads SET blob = '', metadata = ?, expires_at = ?"
               " WHERE id = ? AND complete = 1 AND blob = ? AND blob <> ''",
               use.note, use.keep_until, use.upload_id, blob)
             .run() > 0;
}

void Uploads::add(const Upload& upload) {
  database_.write("uploads.add", [&](Connection& connection) {
    Query(connection,
          "INSERT INTO uploads (id, owner, blob, metadata, length, complete, "
          "created_at,"
          " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          upload.id, upload.owner, upload.blob, upload.metadata, upload.length, upload.complete,
          upload.created_at, upload.expires_at)
        .run();
  });
}

std::optional<Upload> Uploads::find(std::string_view id) {
  static const std::string sql = select_uploads("WHERE id = ?");
  return database_.read("uploads.find", [&](Connection& connection) -> std::optional<Upload> {
    Query query(connection, sql, id);
    auto found = read_uploads(query);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  });
}

bool Uploads::set_complete(std::string_view id, Time expires_at) {
  return database_.write("uploads.set_complete", [&](Connection& connection) {
    return Query(connection, "UPDATE uploads SET complete = 1, expires_at = ? WHERE id = ?",
                 expires_at, id)
               .run() > 0;
  });
}

bool Uploads::erase(std::string_view id) {
  return database_.write("uploads.erase", [&](Connection& connection) {
    return Query(connection, "DELETE FROM uploads WHERE id = ? AND blob <> ''", id).run() > 0;
  });
}

std::vector<Upload> Uploads::expired(Time now, int limit) {
  static const std::string sql =
      select_uploads("WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?");
  return database_.read("uploads.expired", [&](Connection& connection) {
    Query query(connection, sql, now, limit);
    return read_uploads(query);
  });
}

UploadStore::Expiry Uploads::expire(std::string_view id, Time now) {
  return database_.write("uploads.expire", [&](Connection& connection) {
    std::string blob;
    {
      Query query(connection, "SELECT blob FROM uploads WHERE id = ? AND expires_at <= ?", id, now);
      if (!query.next()) return Expiry::kept;
      blob = query.get<std::string>(0);
    }
    Query(connection, "DELETE FROM uploads WHERE id = ?", id).run();
    return blob.empty() ? Expiry::of_a_job : Expiry::unused;
  });
}

std::vector<Upload> Uploads::all() {
  static const std::string sql = select_uploads("ORDER BY created_at, id");
  return database_.read("uploads.all", [](Connection& connection) {
    Query query(connection, sql);
    return read_uploads(query);
  });
}

int64_t Uploads::count_open(std::string_view owner, Time now) {
  return database_.read("uploads.count_open", [&](Connection& connection) {
    Query query(connection,
                "SELECT count(*) FROM uploads WHERE owner = ? AND blob <> '' "
                "AND expires_at > ?",
                owner, now);
    query.next();
    return query.get<int64_t>(0);
  });
}

}  // namespace steno::sqlite
