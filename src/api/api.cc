#include "api/auth.h"
#include "api/describe.h"
#include "api/errors.h"
#include "api/routes.h"

namespace steno::api {

void add_api(http::Router& router, Service& service) {
  router.use(database_errors(service.log));
  router.use(authentication(service));
  Routes routes(router);
}

}  // namespace steno::api
