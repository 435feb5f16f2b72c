#include "app/service/keys_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <utility>

#include "app/backends.h"
#include "app/config/config_options.h"
#include "app/exit_status.h"
#include "app/terminal/printable.h"
#include "base/id.h"
#include "domain/api_key.h"
#include "domain/audit_entry.h"
#include "store/audit_log.h"
#include "store/key_store.h"

namespace steno::app {
namespace {

constexpr const char* kWhich = "The key's id, its first characters, or its name";

Result<ApiKey> find_key(KeyStore& keys, const std::string& named) {
  std::optional<ApiKey> found;
  for (ApiKey& key : keys.list()) {
    if (key.id == named) return std::move(key);
    if (key.revoked_at || (key.prefix != named && key.name != named)) continue;
    if (found) {
      return fail(Errc::conflict, "several keys are called " + named + "; give the id instead");
    }
    found = std::move(key);
  }
  if (!found) return fail(Errc::not_found, "no key is called " + named + "; see steno keys list");
  return std::move(*found);
}

/// A key and what is stored of it.
std::pair<std::string, ApiKey> new_key(Time now) {
  std::string secret = make_api_key();
  ApiKey key;
  key.id = new_id("key_", now);
  key.owner = new_id("own_", now);
  key.prefix = api_key_prefix(secret);
  key.hash = hash_api_key(secret);
  key.created_at = now;
  return {std::move(secret), std::move(key)};
}

Milliseconds of_seconds(double seconds) {
  return std::chrono::round<Milliseconds>(std::chrono::duration<double>(seconds));
}

/// One run of the command: what it says goes to `output`, what it changes is written down.
class KeysRun {
 public:
  KeysRun(Backends& backends, StandardOutput& output) : backends_(backends), output_(output) {}

  Result<void> create(const KeysSettings& settings) {
    if (settings.name.empty()) return fail(Errc::invalid_argument, "--name must not be empty");
    if (!is_printable(settings.name)) {
      return fail(Errc::invalid_argument, "--name must not have control characters");
    }
    const auto scopes = parse_scopes(settings.scopes);
    if (!scopes) return fail(scopes.error().code, "--scopes: " + scopes.error().message);
    const Time now = backends_.clock->now();
    auto [secret, key] = new_key(now);
    key.name = settings.name;
    key.scopes = *scopes;
    if (settings.expires_days > 0) {
      key.expires_at = now + of_seconds(settings.expires_days * 86'400);
    }
    keys().add(key);
    note("key.create", key.id);
    output_.write(secret + "\n");
    return {};
  }

  Result<void> list() {
    std::string text = "ID  PREFIX  SCOPES  CREATED  LAST USED  STATE  NAME\n";
    const Time now = backends_.clock->now();
    for (const ApiKey& key : keys().list()) {
      std::string state = "good";
      if (key.expires_at) {
        state = (*key.expires_at <= now ? "expired " : "until ") + to_iso8601(*key.expires_at);
      }
      if (key.revoked_at) state = "revoked " + to_iso8601(*key.revoked_at);
      text += key.id + "  " + key.prefix + "  " + to_text(key.scopes) + "  " +
              to_iso8601(key.created_at) + "  " +
              (key.last_used_at ? to_iso8601(*key.last_used_at) : "never") + "  " + state + "  " +
              printable(key.name) + "\n";
    }
    output_.write(text);
    return {};
  }

  Result<void> revoke(const KeysSettings& settings) {
    const auto key = find_key(keys(), settings.key);
    if (!key) return tl::unexpected(key.error());
    if (!keys().revoke(key->id, backends_.clock->now())) {
      return fail(Errc::conflict, key->id + " is revoked already");
    }
    note("key.revoke", key->id);
    return {};
  }

  Result<void> rotate(const KeysSettings& settings) {
    const auto old = find_key(keys(), settings.key);
    if (!old) return tl::unexpected(old.error());
    const Time now = backends_.clock->now();
    auto [secret, key] = new_key(now);
    key.owner = old->owner;
    key.name = old->name;
    key.scopes = old->scopes;
    key.expires_at = old->expires_at;
    if (!keys().rotate(old->id, now + of_seconds(settings.grace_s), key)) {
      return fail(Errc::conflict, old->id + " is revoked already");
    }
    note("key.rotate", old->id);
    note("key.create", key.id);
    output_.write(secret + "\n");
    return {};
  }

 private:
  KeyStore& keys() { return backends_.store->keys(); }

  void note(const std::string& action, const std::string& subject) {
    AuditEntry entry;
    entry.at = backends_.clock->now();
    entry.actor = "local";
    entry.action = action;
    entry.subject = subject;
    entry.result = "ok";
    backends_.store->audit().add(entry);
  }

  Backends& backends_;
  StandardOutput& output_;
};

Result<void> run(const KeysSettings& settings, const Settings& configured, StandardOutput& output) {
  if (settings.action != KeysSettings::Action::create) {
    if (auto found = require_service_data(configured); !found) return found;
  }
  auto backends = open_backends(configured);
  if (!backends) return tl::unexpected(backends.error());
  KeysRun keys(*backends, output);
  switch (settings.action) {
    case KeysSettings::Action::create:
      return keys.create(settings);
    case KeysSettings::Action::list:
      return keys.list();
    case KeysSettings::Action::revoke:
      return keys.revoke(settings);
    case KeysSettings::Action::rotate:
      return keys.rotate(settings);
  }
  return {};
}

}  // namespace

void add_keys_command(CLI::App& command, KeysSettings& settings) {
  using Action = KeysSettings::Action;
  command.require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Action action) {
    CLI::App* sub = command.add_subcommand(name, help);
    sub->parse_complete_callback([&settings, action] { settings.action = action; });
    add_config_options(*sub, settings.flags);
    return sub;
  };
  CLI::App* create = add("create", "Create a key and print it once", Action::create);
  create->add_option("--name", settings.name, "What it is for")->required()->type_name("NAME");
  create
      ->add_option("--scopes", settings.scopes,
                   "What it may do: submit, read, admin, metrics. Default: submit,read")
      ->type_name("LIST");
  create
      ->add_option("--expires-days", settings.expires_days,
                   "Days until it expires. Default: 0, never")
      ->check(CLI::Range(0.0, 36'500.0))
      ->type_name("DAYS");
  add("list", "List all keys, without their secrets", Action::list);
  CLI::App* revoke = add("revoke", "Revoke a key", Action::revoke);
  revoke->add_option("key", settings.key, kWhich)->required()->type_name("KEY");
  CLI::App* rotate = add(
      "rotate", "Replace a key by a new one for the same jobs, and print it once", Action::rotate);
  rotate->add_option("key", settings.key, kWhich)->required()->type_name("KEY");
  rotate
      ->add_option("--grace", settings.grace_s,
                   "Seconds for which the old key stays valid. Default: 86400")
      ->check(CLI::Range(0.0, 31'536'000.0))
      ->type_name("SECONDS");
}

int run_keys_command(const KeysSettings& settings,
                     const std::map<std::string, std::string>& environment, StandardOutput& output,
                     std::FILE* messages) {
  const auto say = [messages](const std::string& message) {
    std::fprintf(messages, "steno: %s\n", printable(message).c_str());
  };
  const auto configured = read_config(settings.flags, environment).checked();
  if (!configured) {
    say(configured.error().message);
    return kWrongUsage;
  }
  if (const auto done = run(settings, *configured, output); !done) {
    say(done.error().message);
    return done.error().code == Errc::invalid_argument ? kWrongUsage : kSomeFailed;
  }
  if (output.state() != OutputState::failed) return kDone;
  say(output.failure());
  return kSomeFailed;
}

}  // namespace steno::app
