#include "app/service/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

namespace steno::app {
namespace {

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return Time(std::chrono::seconds(timegm(&parts)));
}

Validity validity_of(const X509* certificate) {
  return {time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))};
}

}  // namespace

Result<Validity> validity_of_certificates(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> content(BIO_new_file(file.c_str(), "r"), BIO_free);
  std::optional<Validity> all;
  while (content) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(
        PEM_read_bio_X509(content.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) break;
    const Validity one = validity_of(certificate.get());
    if (!all) all = one;
    all = Validity{std::max(all->begin, one.begin), std::min(all->end, one.end)};
  }
  ERR_clear_error();  // the error that means the end of the file
  if (!all) return fail(Errc::invalid_argument, file + ": there is no certificate in it");
  return *all;
}

}  // namespace steno::app
