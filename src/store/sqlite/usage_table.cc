#include "store/sqlite/access.h"

namespace steno::sqlite {

void add_usage(Connection& connection, const Usage& more) {
  Query(connection,
        "INSERT INTO usage (day, key_id, owner, jobs, failures, bytes, audio_seconds,"
        " compute_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs,"
        " failures = failures + excluded.failures, bytes = bytes + excluded.bytes,"
        " audio_seconds = audio_seconds + excluded.audio_seconds,"
        " compute_seconds = compute_seconds + excluded.compute_seconds",
        more.day, more.key_id, more.owner, more.jobs, more.failures, more.bytes, more.audio_seconds,
        more.compute_seconds)
      .run();
}

void UsageTable::add(const Usage& more) {
  database_.write("usage.add", [&](Connection& connection) { add_usage(connection, more); });
}

std::vector<Usage> UsageTable::list(const std::optional<std::string>& owner, std::string_view first,
                                    std::string_view last) {
  return database_.read("usage.list", [&](Connection& connection) {
    Query query(connection,
                "SELECT owner, key_id, day, jobs, failures, bytes, audio_seconds, compute_seconds"
                " FROM usage WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR owner = ?3)"
                " ORDER BY day, key_id, owner",
                first, last, owner);
    std::vector<Usage> days;
    while (query.next()) {
      days.push_back({.owner = query.get<std::string>(0),
                      .key_id = query.get<std::string>(1),
                      .day = query.get<std::string>(2),
                      .jobs = query.get<int64_t>(3),
                      .failures = query.get<int64_t>(4),
                      .bytes = query.get<int64_t>(5),
                      .audio_seconds = query.get<double>(6),
                      .compute_seconds = query.get<double>(7)});
    }
    return days;
  });
}

}  // namespace steno::sqlite
