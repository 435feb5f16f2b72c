#include "http/responder.h"

#include "http/event_channel.h"
#include "http/exchange.h"

namespace steno::http {

Headers& Responder::headers() { return exchange_.headers(); }

Task<void> Responder::send(Response response) { return exchange_.send(std::move(response)); }

Task<void> Responder::begin(Response head) { return exchange_.begin(std::move(head)); }

Task<void> Responder::write(std::string_view piece) { return exchange_.write(piece); }

Task<void> Responder::finish() { return exchange_.finish(); }

Task<std::shared_ptr<EventStream>> Responder::open_events() {
  Response head = Response::empty(200);
  head.headers.set("Content-Type", "text/event-stream");
  head.headers.set("Cache-Control", "no-store");
  head.headers.set("X-Accel-Buffering", "no");  // otherwise nginx buffers events
  co_await exchange_.begin(std::move(head));
  co_return exchange_.events();
}

bool Responder::started() const { return exchange_.state() != Exchange::State::fresh; }

int Responder::status() const { return exchange_.status(); }

bool Responder::client_gone() const { return exchange_.connection().gone(); }

void Responder::on_client_gone(std::function<void()> gone) { exchange_.watch(std::move(gone)); }

bool Responder::stopping() const { return exchange_.connection().stopping(); }

void Responder::on_stop(std::function<void()> stop) {
  exchange_.connection().on_stop(std::move(stop));
}

boost::asio::any_io_executor Responder::executor() const {
  return exchange_.connection().executor();
}

}  // namespace steno::http
