#include "api/jobs/job_routes.h"

#include "api/core/routes.h"

namespace steno::api {

void add_job_routes(Routes& routes, Service& service) {
  define_job_schemas(routes);
  add_job_list_route(routes, service);
  add_job_status_route(routes, service);
  add_job_change_routes(routes, service);
  add_rerun_route(routes, service);
}

}  // namespace steno::api
