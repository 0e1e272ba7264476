#include "download/content_requests.hpp"

#include <algorithm>

namespace hfaudit {

std::optional<Url> ContentRequests::hub_url(std::string_view path) const {
  return parse_url(hub_.settings.endpoint.resolve_url(hub_.repo, hub_.commit, path));
}

TokenUse ContentRequests::token_for(const Url& url) const {
  return !hub_.token.empty() && token_works_ && is_of_hub(url) ? TokenUse::send : TokenUse::omit;
}

http::Request ContentRequests::make(const Url& url, std::uint64_t begin, std::uint64_t end,
                                    TokenUse token, ConnectionUse connection) const {
  constexpr unsigned least_connect_s = 10;
  http::Request request;
  request.url = url.text();
  request.connect_timeout_s = std::max(hub_.settings.etag_timeout_s, least_connect_s);
  request.idle_timeout_s = limits_.idle_timeout_s;
  request.fresh_connection = connection == ConnectionUse::fresh;
  request.headers.push_back(
      {"Range", "bytes=" + std::to_string(begin) + "-" + std::to_string(end - 1)});
  if (token == TokenUse::send)
    request.headers.push_back({"Authorization", hub_.token.authorization()});
  return request;
}

}  // namespace hfaudit
