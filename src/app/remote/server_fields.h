#pragma once

#include "app/transcribe/transcribe_settings.h"
#include "base/result.h"
#include "client/client.h"

namespace steno::app {

/// Refuses options that do not apply to a service, with the message for the first one. The service
/// chooses its device, and which models it has.
Result<void> check_for_service(const TranscribeSettings& settings);

/// The fields of a submission that make the service's transcript equal to a local one: options that
/// differ from their defaults, and the model if one was named.
client::Fields submission_fields(const TranscribeSettings& settings);

/// The fields of a rerun: the given options, by their long names.
client::Fields rerun_fields(const TranscribeOptions& options,
                            const std::vector<std::string>& given);

}  // namespace steno::app
