#include "api/auth.h"
#include "api/describe.h"
#include "api/errors.h"
#include "api/openapi.h"
#include "api/routes.h"

namespace steno::api {

void add_api(http::Router& router, Service& service) {
  router.use(database_errors(service.log));
  router.use(authentication(service));
  Routes routes(router);
  add_submit_routes(routes, service);
  add_upload_routes(routes, service);
  add_batch_routes(routes, service);
  add_openapi_route(routes, service.options.public_url);  // the last: it knows the others
}

}  // namespace steno::api
