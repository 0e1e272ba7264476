// Our parser decides which host gets the token; libcurl's decides which host is asked. Both must
// read the same host, port and user from a URL.
#include <curl/curl.h>
#include <curl/urlapi.h>

#include <memory>
#include <optional>
#include <string>

#include "fuzz.hpp"
#include "http/url.hpp"

using namespace hfaudit;

namespace {

using CurlUrl = std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)>;

// As libcurl parses what CURLOPT_URL holds. Empty: it refuses the URL.
CurlUrl parse_with_curl(const std::string& text) {
  CurlUrl url(::curl_url(), ::curl_url_cleanup);
  const auto code = ::curl_url_set(url.get(), CURLUPART_URL, text.c_str(),
                                   CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
  if (code != CURLUE_OK) url.reset();
  return url;
}

std::string part_of(const CurlUrl& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  ::curl_free(text);
  return copy;
}

std::string lower(std::string text) {
  for (char& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// The user and password that libcurl would send, as they stand in the URL.
std::string user_info_of(const CurlUrl& url) {
  const auto user = part_of(url, CURLUPART_USER);
  const auto password = part_of(url, CURLUPART_PASSWORD);
  return password.empty() ? user : user + ":" + password;
}

std::string without_empty_password(std::string user_info) {
  if (user_info.ends_with(':') && user_info.find(':') + 1 == user_info.size()) user_info.pop_back();
  return user_info;
}

void compare(const Url& ours, const std::string& text) {
  const auto curls = parse_with_curl(text);
  if (!curls) return;
  // libcurl writes numeric hosts anew (0x7f.1 as 127.0.0.1), so it gets ours to write, too.
  const auto our_origin = parse_with_curl(ours.scheme + "://" + ours.host + "/");
  fuzz::require(our_origin != nullptr);
  fuzz::require(lower(part_of(curls, CURLUPART_HOST)) ==
                lower(part_of(our_origin, CURLUPART_HOST)));
  fuzz::require(lower(part_of(curls, CURLUPART_SCHEME)) == ours.scheme);
  const auto usual = ours.scheme == "https" ? "443" : "80";
  const auto port = part_of(curls, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  fuzz::require(std::stoul(port) == std::stoul(ours.port.empty() ? usual : ours.port));
  fuzz::require(user_info_of(curls) == without_empty_password(ours.user_info));
}

// The request uses the text of the parsed URL, which means the same as the URL itself.
void check(const Url& url) {
  const auto again = parse_url(url.text());
  fuzz::require(again && *again == url);
  compare(url, url.text());
  fuzz::require(url.shown().find('?') == std::string::npos);
}

}  // namespace

// A URL, and the Location of an answer from two servers.
void fuzz::try_input(std::string_view input) {
  const std::string text(input);
  if (const auto url = parse_url(text)) {
    check(*url);
    if (url->user_info.empty()) compare(*url, text);
  }
  for (const char* base :
       {"https://huggingface.co/api/models/a/b?x=1", "http://u:p@127.0.0.1:8080/m"}) {
    const auto from = parse_url(base);
    const auto to = resolve_location(*from, text);
    if (!to) continue;
    check(*to);
    if (!is_trusted_with(*from, *to)) continue;
    const bool same_host = to->host == from->host || (to->host == "hf.co" && to->scheme == "https");
    fuzz::require(same_host && (to->scheme == from->scheme || to->scheme == "https"));
  }
}
