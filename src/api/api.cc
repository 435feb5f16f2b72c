#include "api/audio_links.h"
#include "api/auth.h"
#include "api/describe.h"
#include "api/errors.h"
#include "api/openapi.h"
#include "api/routes.h"

namespace steno::api {

void add_api(http::Router& router, Service& service) {
  router.use(database_errors(service.log));
  router.use(signed_links(service));
  router.use(authentication(service));
  Routes routes(router);
  add_submit_routes(routes, service);
  add_upload_routes(routes, service);
  add_batch_routes(routes, service);
  add_job_routes(routes, service);
  add_event_routes(routes, service);
  add_result_routes(routes, service);
  add_dead_letter_routes(routes, service);
  add_key_routes(routes, service);
  add_usage_routes(routes, service);
  add_model_routes(routes, service);
  add_health_routes(routes, service);
  add_page_routes(routes, service);
  add_openapi_route(routes, service.options.public_url);  // the last: it knows the others
}

}  // namespace steno::api
