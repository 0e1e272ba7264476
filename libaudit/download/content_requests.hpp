// The requests for a file's content: where they go, and which of them carry the token. Pure.
//
// The token goes to the Hub's own host only, until the Hub refuses it: most repos are public.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "download/transfer.hpp"
#include "http/messages.hpp"
#include "http/url.hpp"

namespace hfaudit {

enum class TokenUse : std::uint8_t { omit, send };
enum class ConnectionUse : std::uint8_t { any, fresh };

class ContentRequests {
 public:
  // Both are borrowed.
  ContentRequests(const TransferHub& hub, const TransferLimits& limits)
      : hub_(hub), limits_(limits), url_(parse_url(hub.settings.endpoint.url)) {}

  [[nodiscard]] const TransferHub& hub() const { return hub_; }
  [[nodiscard]] bool is_of_hub(const Url& url) const { return url_ && is_trusted_with(*url_, url); }
  // The Hub's URL of the file. nullopt: the endpoint is an invalid URL.
  [[nodiscard]] std::optional<Url> hub_url(std::string_view path) const;
  [[nodiscard]] TokenUse token_for(const Url& url) const;
  void drop_token() { token_works_ = false; }
  // For the bytes [begin, end).
  [[nodiscard]] http::Request make(const Url& url, std::uint64_t begin, std::uint64_t end,
                                   TokenUse token, ConnectionUse connection) const;

 private:
  const TransferHub& hub_;
  const TransferLimits& limits_;
  std::optional<Url> url_;
  bool token_works_ = true;
};

}  // namespace hfaudit
