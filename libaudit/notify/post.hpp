// One small message to a server that is not the Hub.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/session.hpp"

namespace hfaudit {

// The body of the answer where the server says yes (2xx); else why not, in some words that hold no
// secret. Three attempts where the trouble may pass. Redirects are not followed: what is sent is
// meant for this server.
[[nodiscard]] tl::expected<std::string, std::string> query_server(http::Session& session,
                                                                  http::Request request);

// Of the wall clock, UTC.
[[nodiscard]] std::int64_t seconds_since_epoch();

}  // namespace hfaudit
