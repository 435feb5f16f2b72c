#pragma once

#include <string>

#include "domain/job.h"
#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

/// Every column, comma separated, as read_job() expects them.
const std::string& job_columns();
Job read_job(const Query& row);

/// "INSERT INTO jobs …" of all columns, its values by bind_all().
const std::string& insert_job();
void bind_all(Query& query, const Job& job);

/// Which columns an update writes: all that may change, or those alone that are in no index, which
/// is several times cheaper.
enum class Part { all, unindexed };
/// What has to be written when `old` becomes `now`.
Part changed_part(const Job& old, const Job& now);
/// "UPDATE jobs … WHERE id = ? AND version = ?", its values by bind_update().
const std::string& update_job(Part part);
/// `version` is the one that the stored job must have.
void bind_update(Query& query, const Job& job, Part part, int64_t version);

}  // namespace steno::sqlite
