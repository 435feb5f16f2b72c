#include "http/tls.h"

#include <openssl/ssl.h>

namespace steno::http {

namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<ssl::context>> load_tls(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  boost::system::error_code error;
  // By default OpenSSL asks for a pass phrase on the terminal.
  context->set_password_callback([](auto, auto) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate_chain, error);
  if (error) {
    return fail(Errc::invalid_argument, files.certificate_chain + ": " + error.message());
  }
  context->use_private_key_file(files.private_key, ssl::context::pem, error);
  if (error) return fail(Errc::invalid_argument, files.private_key + ": " + error.message());
  return context;
}

}  // namespace steno::http
