// Where the content of a file is requested, and who sees the token.
#include <algorithm>

#include "catch_any.hpp"
#include "download/content_requests.hpp"

using namespace hfaudit;

namespace {

TransferHub hub_with(const std::string& endpoint, const std::string& token) {
  TransferHub hub;
  hub.settings.endpoint.url = endpoint;
  if (!token.empty()) hub.token = Token::parse(token, "test").value();
  hub.repo.id = "acme/six";
  hub.commit = std::string(40, 'c');
  return hub;
}

std::string header(const http::Request& request, const std::string& name) {
  for (const auto& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

}  // namespace

TEST_CASE("content requests: the token goes to the Hub's own host") {
  const TransferLimits limits;
  struct Row {
    std::string url;
    bool of_hub;
  };
  const auto hub = hub_with("https://hub.example", "secret");
  const ContentRequests requests(hub, limits);
  for (const auto& row :
       {Row{"https://hub.example/a", true}, Row{"https://cdn.example/a", false},
        Row{"http://hub.example/a", false}, Row{"https://hub.example.evil/a", false}}) {
    CAPTURE(row.url);
    const auto url = parse_url(row.url);
    REQUIRE(url);
    CHECK(requests.is_of_hub(*url) == row.of_hub);
    CHECK((requests.token_for(*url) == TokenUse::send) == row.of_hub);
  }
}

TEST_CASE("content requests: no token, or one that was refused, is not sent") {
  const TransferLimits limits;
  const auto url = parse_url("https://hub.example/a").value();
  const auto without = hub_with("https://hub.example", "");
  CHECK((ContentRequests(without, limits).token_for(url) == TokenUse::omit));
  const auto with = hub_with("https://hub.example", "secret");
  ContentRequests requests(with, limits);
  requests.drop_token();
  CHECK((requests.token_for(url) == TokenUse::omit));
}

TEST_CASE("content requests: an endpoint that is no URL gets nothing") {
  const TransferLimits limits;
  const auto hub = hub_with("no url", "secret");
  const ContentRequests requests(hub, limits);
  CHECK_FALSE(requests.hub_url("a"));
  CHECK((requests.token_for(Url{}) == TokenUse::omit));
}

TEST_CASE("content requests: range, timeouts and connection of a request") {
  TransferLimits limits;
  limits.idle_timeout_s = 77;
  auto hub = hub_with("https://hub.example", "secret");
  hub.settings.etag_timeout_s = 30;
  const ContentRequests requests(hub, limits);
  const auto url = requests.hub_url("dir/a b.bin").value();
  const auto first = requests.make(url, 100, 200, TokenUse::send, ConnectionUse::any);
  CHECK(first.url == "https://hub.example/acme/six/resolve/" + hub.commit + "/dir/a%20b.bin");
  CHECK(header(first, "Range") == "bytes=100-199");
  CHECK(header(first, "Authorization") == "Bearer secret");
  CHECK((first.connect_timeout_s == 30 && first.idle_timeout_s == 77 && !first.fresh_connection));
  const auto other = requests.make(url, 0, 1, TokenUse::omit, ConnectionUse::fresh);
  CHECK(header(other, "Range") == "bytes=0-0");
  CHECK(header(other, "Authorization").empty());
  CHECK(other.fresh_connection);
}
