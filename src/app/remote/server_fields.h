#pragma once

#include "app/transcribe/transcribe_settings.h"
#include "base/result.h"
#include "client/client.h"

namespace steno::app {

/// Options that say something which is not for who uses a service: the message of the first one.
/// The service decides where its models run, and which there are.
Result<void> check_for_service(const TranscribeSettings& settings);

/// What a submission says so that the service's transcript is what would have come here: options
/// that are not at their defaults, the model if one was named.
client::Fields submission_fields(const TranscribeSettings& settings);

/// What a rerun says: the options that were given, by their long names.
client::Fields rerun_fields(const TranscribeOptions& options,
                            const std::vector<std::string>& given);

}  // namespace steno::app
