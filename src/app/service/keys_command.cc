#include "app/service/keys_command.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>
#include <utility>

#include "app/backends.h"
#include "app/config/config_options.h"
#include "app/exit_status.h"
#include "app/number_range.h"
#include "app/terminal/printable.h"
#include "domain/api_key.h"
#include "service/keys.h"

namespace steno::app {
namespace {

constexpr const char* kWhich = "The key's id, its first characters, or its name";
const service::Actor kLocal{.id = "local"};

/// Writes a line for the operator.
using Say = std::function<void(const std::string& message)>;

Milliseconds of_seconds(double seconds) {
  return std::chrono::round<Milliseconds>(std::chrono::duration<double>(seconds));
}

/// The option that sets a field of service::NewKey.
std::string option_of(std::string_view field) {
  if (field == "expires_at") return "--expires-days";
  if (field == "grace_seconds") return "--grace";
  return "--" + std::string(field);
}

/// The error in the terms of the command line.
Error error_of(const service::ServiceError& error) {
  if (error.kind != service::ErrorKind::invalid) {
    const bool is_missing = error.kind == service::ErrorKind::not_found;
    return {is_missing ? Errc::not_found : Errc::conflict, error.detail};
  }
  std::string text;
  for (const auto& field : error.fields) {
    text += (text.empty() ? "" : "; ") + option_of(field.path) + " " + field.message;
  }
  return {Errc::invalid_argument, text};
}

/// One run of the command; prints to `output`.
class KeysRun {
 public:
  KeysRun(OpenedStore& opened, StandardOutput& output)
      : clock_(*opened.clock),
        audit_(opened.store->audit(), clock_),
        keys_(opened.store->keys(), audit_, clock_),
        output_(output) {}

  Result<void> create(const KeysSettings& settings) {
    const auto scopes = parse_scopes(settings.scopes);
    if (!scopes) return fail(scopes.error().code, "--scopes: " + scopes.error().message);
    service::NewKey wanted{settings.name, settings.owner, *scopes, {}};
    if (settings.expires_days > 0) {
      wanted.expires_at = clock_.now() + of_seconds(settings.expires_days * 86'400);
    }
    return print(keys_.create(wanted, kLocal));
  }

  Result<void> list() {
    std::string text = "ID  PREFIX  SCOPES  CREATED  LAST USED  STATE  OWNER  NAME\n";
    const Time now = clock_.now();
    for (const ApiKey& key : keys_.list()) {
      std::string state = "good";
      if (key.expires_at) {
        state = (*key.expires_at <= now ? "expired " : "until ") + to_iso8601(*key.expires_at);
      }
      if (key.revoked_at) state = "revoked " + to_iso8601(*key.revoked_at);
      text += key.id + "  " + key.prefix + "  " + to_text(key.scopes) + "  " +
              to_iso8601(key.created_at) + "  " +
              (key.last_used_at ? to_iso8601(*key.last_used_at) : "never") + "  " + state + "  " +
              printable(key.owner) + "  " + printable(key.name) + "\n";
    }
    output_.write(text);
    return {};
  }

  Result<void> revoke(const KeysSettings& settings) {
    const auto key = find(settings.key);
    if (!key) return tl::unexpected(key.error());
    if (auto revoked = keys_.revoke(key->id, kLocal); !revoked) {
      return refused(key->id, revoked.error());
    }
    return {};
  }

  Result<void> rotate(const KeysSettings& settings) {
    const auto key = find(settings.key);
    if (!key) return tl::unexpected(key.error());
    auto rotated = keys_.rotate(key->id, of_seconds(settings.grace_s), kLocal);
    if (!rotated) return refused(key->id, rotated.error());
    return print(std::move(rotated));
  }

 private:
  Result<ApiKey> find(const std::string& name) {
    auto key = keys_.find_named(name);
    if (key) return *std::move(key);
    Error error = error_of(key.error());
    if (error.code == Errc::not_found) error.message += "; see steno keys list";
    return tl::unexpected(std::move(error));
  }
  Result<void> print(const service::Outcome<service::IssuedKey>& key) {
    if (!key) return tl::unexpected(error_of(key.error()));
    output_.write(key->secret + "\n");
    return {};
  }
  static Result<void> refused(const std::string& id, const service::ServiceError& error) {
    if (error.code == "key_revoked") return fail(Errc::conflict, id + " is revoked already");
    Error text = error_of(error);
    if (text.code != Errc::invalid_argument) text.message = id + ": " + text.message;
    return tl::unexpected(std::move(text));
  }

  const Clock& clock_;
  service::AuditTrail audit_;
  service::Keys keys_;
  StandardOutput& output_;
};

/// A first key may be made before the first start. The message shows a mistyped name.
Result<void> make_service_data(const Settings& settings, const Say& say) {
  const auto folder = prepare_service_data(settings);
  if (!folder) return tl::unexpected(folder.error());
  say("a new database is made, " + store_address(settings).place +
      "; steno serve must use the same one");
  return {};
}

Result<void> run(const KeysSettings& settings, const Settings& configured, StandardOutput& output,
                 const Say& say) {
  auto found = require_service_data(configured);
  const bool may_make = settings.action == KeysSettings::Action::create;
  if (!found && found.error().code == Errc::not_found && may_make) {
    found = make_service_data(configured, say);
  }
  if (!found) return found;
  auto opened = open_store(configured);
  if (!opened) return tl::unexpected(opened.error());
  KeysRun keys(*opened, output);
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
      ->check(number_between(0, 36'500))
      ->type_name("DAYS");
  create
      ->add_option("--owner", settings.owner,
                   "The owner whose jobs it sees: that of another key. Default: a new owner")
      ->type_name("OWNER");
  add("list", "List all keys, without their secrets", Action::list);
  CLI::App* revoke = add("revoke", "Revoke a key", Action::revoke);
  revoke->add_option("key", settings.key, kWhich)->required()->type_name("KEY");
  CLI::App* rotate = add(
      "rotate", "Replace a key by a new one for the same jobs, and print it once", Action::rotate);
  rotate->add_option("key", settings.key, kWhich)->required()->type_name("KEY");
  rotate
      ->add_option("--grace", settings.grace_s,
                   "Seconds for which the old key stays valid. Default: 86400")
      ->check(number_between(0, static_cast<double>(service::kMostGrace.count())))
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
  if (const auto done = run(settings, *configured, output, say); !done) {
    say(done.error().message);
    return done.error().code == Errc::invalid_argument ? kWrongUsage : kSomeFailed;
  }
  if (output.state() != OutputState::failed) return kDone;
  say(output.failure());
  return kSomeFailed;
}

}  // namespace steno::app
