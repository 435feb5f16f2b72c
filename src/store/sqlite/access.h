#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/api_key.h"
#include "domain/audit_entry.h"
#include "domain/usage.h"
#include "store/audit_log.h"
#include "store/key_store.h"
#include "store/sqlite/database.h"
#include "store/usage_store.h"

namespace steno::sqlite {

/// API keys in SQLite.
class Keys : public KeyStore {
 public:
  explicit Keys(Database& database) : database_(database) {}
  void add(const ApiKey& key) override;
  std::optional<ApiKey> find_by_hash(std::string_view hash) override;
  std::optional<ApiKey> find(std::string_view id) override;
  std::vector<ApiKey> list() override;
  bool revoke(std::string_view id, Time now) override;
  bool rotate(std::string_view old_id, Time until, const ApiKey& fresh) override;
  void note_use(std::string_view id, Time now) override;

 private:
  Database& database_;
};

/// Adds to the usage of the key on that day.
void add_usage(Connection& connection, const Usage& more);

/// Usage of keys by day in SQLite.
class UsageTable : public UsageStore {
 public:
  explicit UsageTable(Database& database) : database_(database) {}
  void add(const Usage& more) override;
  std::vector<Usage> list(const std::optional<std::string>& owner, std::string_view first,
                          std::string_view last) override;

 private:
  Database& database_;
};

/// Adds the entry; its id is ignored.
void add_audit(Connection& connection, const AuditEntry& entry);

/// The audit log in SQLite. Triggers refuse changes of entries.
class Audit : public AuditLog {
 public:
  explicit Audit(Database& database) : database_(database) {}
  void add(const AuditEntry& entry) override;
  std::vector<AuditEntry> list(int64_t before, int limit) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
