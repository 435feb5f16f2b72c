#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

using testing::HasSubstr;

class CorsOfTheApi : public ApiTest {};

TEST_F(CorsOfTheApi, LetsPagesOfAllowedOriginsUploadInPieces) {
  options_.cors_origins = {"https://app.example"};
  const Reply preflight =
      call("OPTIONS", "/api/v1/uploads", "",
           {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.header("access-control-allow-origin"), "https://app.example");
  EXPECT_THAT(preflight.header("access-control-allow-methods"), HasSubstr("PATCH"));
  EXPECT_THAT(preflight.header("access-control-allow-headers"), HasSubstr("Upload-Offset"));
  const Reply list = get("/api/v1/jobs", {{"Origin", "https://app.example"}});
  EXPECT_EQ(list.status, 200);
  EXPECT_THAT(list.header("access-control-expose-headers"), HasSubstr("Location"));
}

TEST_F(CorsOfTheApi, LetsNoPageOfAnotherOriginIn) {
  options_.cors_origins = {"https://app.example"};
  const Reply list = get("/api/v1/jobs", {{"Origin", "https://else.example"}});
  EXPECT_EQ(list.header("access-control-allow-origin"), "");
}

TEST_F(CorsOfTheApi, IsOffUnlessConfigured) {
  const Reply list = get("/api/v1/jobs", {{"Origin", "https://app.example"}});
  EXPECT_EQ(list.header("access-control-allow-origin"), "");
  EXPECT_EQ(list.header("vary").find("Origin"), std::string::npos);
}

}  // namespace
}  // namespace steno::api
