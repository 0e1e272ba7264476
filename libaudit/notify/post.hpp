// One small message to another server than the Hub.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/session.hpp"

namespace hfaudit {

// The body of a successful answer (2xx); else the reason, without secrets. Three attempts if the
// error may be temporary. Redirects are errors: the data is meant for this server.
[[nodiscard]] tl::expected<std::string, std::string> query_server(http::Session& session,
                                                                  http::Request request);

}  // namespace hfaudit
