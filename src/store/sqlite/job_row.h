#pragma once

#include <string>

#include "domain/job.h"
#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

/// All columns, separated by commas, in the order of read_job().
const std::string& job_columns();
Job read_job(const Query& row);

/// "INSERT INTO jobs …" of all columns, with values from bind_all().
const std::string& insert_job();
void bind_all(Query& query, const Job& job);

/// The columns that an update writes: all that may change, or only those without an index, which is
/// several times cheaper.
enum class Part { all, unindexed };
/// The columns to write when `old` becomes `now`.
Part changed_part(const Job& old, const Job& now);
/// "UPDATE jobs … WHERE id = ? AND version = ?", with values from bind_update().
const std::string& update_job(Part part);
/// `version` is the version that the stored job must have.
void bind_update(Query& query, const Job& job, Part part, int64_t version);

}  // namespace steno::sqlite
