#include "http/server.h"

#include "http/core.h"

namespace steno::http {

Server::Server(const Router& router, ServerOptions options, ServerHooks hooks)
    : core_(std::make_unique<Core>(router, std::move(options), std::move(hooks))) {}

Server::~Server() = default;

Result<void> Server::start() { return core_->start(); }

std::vector<std::string> Server::addresses() const { return core_->addresses(); }

Result<void> Server::reload_certificates() { return core_->reload_certificates(); }

void Server::stop(std::chrono::milliseconds grace) { core_->stop(grace); }

std::size_t Server::connections() const { return core_->connections(); }

}  // namespace steno::http
