#include "http/exchange.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include "http/foreign_text.hpp"
#include "http/url.hpp"
#include "os/input.hpp"
#include "os/static_runtime.hpp"

namespace hfaudit::http {
namespace {

constexpr std::size_t most_header_bytes = std::size_t{64} * 1024;

// A bare image lacks certificates.
[[nodiscard]] std::string trust_hint() {
#ifdef HFAUDIT_STATIC
  if (os::system_ca_bundle().empty()) return "; no certificates of authorities are installed here";
#endif
  return {};
}

[[nodiscard]] std::string_view without_space_around(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

CurlExchange::CurlExchange(const CurlLibrary& curl, CURL* handle, const Request& request,
                           const Options& options, Receiver* receiver)
    : curl_(curl),
      handle_(handle),
      request_(request),
      lines_(nullptr, curl.slist_free_all),
      receiver_(receiver) {
  curl_.easy_reset(handle_);  // settings only: connections stay
  set_request(request, options);
  set_limits(request);
  set_trust(options);
  set_headers(request);
  if (!options.user_agent.empty())
    curl_.easy_setopt(handle_, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (options.ipv4_only) curl_.easy_setopt(handle_, CURLOPT_IPRESOLVE, long{CURL_IPRESOLVE_V4});
  if (receiver_ != nullptr) set_streaming();
}

// Bodies of any size, in pieces as large as libcurl has them. A server that compresses against the
// request is understood all the same.
void CurlExchange::set_streaming() {
  constexpr long buffer_bytes = 512L * 1024;  // the most that every libcurl has
  curl_.easy_setopt(handle_, CURLOPT_BUFFERSIZE, buffer_bytes);
  curl_.easy_setopt(handle_, CURLOPT_MAXFILESIZE_LARGE, curl_off_t{0});
  curl_.easy_setopt(handle_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_.easy_setopt(handle_, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (request_.fresh_connection) curl_.easy_setopt(handle_, CURLOPT_FRESH_CONNECT, 1L);
}

void CurlExchange::set_request(const Request& request, const Options& options) {
  curl_.easy_setopt(handle_, CURLOPT_ERRORBUFFER, text_.data());
  curl_.easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);  // there are other threads
  curl_.easy_setopt(handle_, CURLOPT_URL, request.url.c_str());
  over_ssh_ = options.ssh && request.url.starts_with("sftp://");
  curl_.easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, over_ssh_ ? "sftp" : "http,https");
  if (over_ssh_) set_ssh(request, *options.ssh);
  curl_.easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_.easy_setopt(handle_, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  if (request.method == "HEAD") curl_.easy_setopt(handle_, CURLOPT_NOBODY, 1L);
  if (request.method == "POST" || request.method == "PUT") set_body(request);
  // a proxy's headers are kept apart from the server's
  curl_.easy_setopt(handle_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_.easy_setopt(handle_, CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  curl_.easy_setopt(handle_, CURLOPT_HEADERDATA, this);
  curl_.easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  curl_.easy_setopt(handle_, CURLOPT_WRITEDATA, this);
}

// A host outside known_hosts is refused: libcurl lacks a prompt.
void CurlExchange::set_ssh(const Request& request, const SshAccess& access) {
  constexpr std::string_view unit = "bytes=";
  for (const auto& header : request.headers) {
    if (header.name == "Range" && header.value.starts_with(unit))
      range_ = header.value.substr(unit.size());
  }
  if (!range_.empty()) curl_.easy_setopt(handle_, CURLOPT_RANGE, range_.c_str());
  const auto url = parse_source_url(request.url);
  if (url && url->user_info.empty() && !access.user.empty())
    curl_.easy_setopt(handle_, CURLOPT_USERNAME, access.user.c_str());
  curl_.easy_setopt(handle_, CURLOPT_SSH_AUTH_TYPES,
                    long{CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_AGENT});
  curl_.easy_setopt(handle_, CURLOPT_SSH_KNOWNHOSTS, access.known_hosts.c_str());
  if (access.private_key.empty()) return;
  curl_.easy_setopt(handle_, CURLOPT_SSH_PRIVATE_KEYFILE, access.private_key.c_str());
  curl_.easy_setopt(handle_, CURLOPT_SSH_PUBLIC_KEYFILE, (access.private_key + ".pub").c_str());
}

// The body is borrowed, and sent at once, without `Expect: 100-continue`.
void CurlExchange::set_body(const Request& request) {
  curl_.easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                    static_cast<curl_off_t>(request.body.size()));
  curl_.easy_setopt(handle_, CURLOPT_POSTFIELDS, request.body.data());
  curl_.easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void CurlExchange::set_limits(const Request& request) {
  curl_.easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_timeout_s));
  curl_.easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_.easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.idle_timeout_s));
  curl_.easy_setopt(handle_, CURLOPT_TIMEOUT, static_cast<long>(request.total_timeout_s));
  curl_.easy_setopt(handle_, CURLOPT_MAXFILESIZE_LARGE,
                    static_cast<curl_off_t>(request.most_bytes));
  // An unresponsive name server would delay an interruption. Ignored by libcurl before 7.87.
  curl_.easy_setopt(handle_, CURLOPT_QUICK_EXIT, 1L);
}

void CurlExchange::set_trust(const Options& options) {
  curl_.easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_.easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 2L);
  const auto trust = [this](const std::string& place) {
    if (!place.empty())
      curl_.easy_setopt(handle_, os::is_directory(place) ? CURLOPT_CAPATH : CURLOPT_CAINFO,
                        place.c_str());
  };
#ifdef HFAUDIT_STATIC
  trust(os::system_ca_bundle());  // the distribution's own libcurl knows
#endif
  trust(options.ca_bundle);
}

// Compressed answers lack a length, ignore ranges and carry another etag.
void CurlExchange::set_headers(const Request& request) {
  const auto add = [this](const std::string& line) {
    curl_slist* first = curl_.slist_append(lines_.get(), line.c_str());
    if (!lines_) lines_.reset(first);  // else it is the same
  };
  add("Accept-Encoding: identity");
  if (!request.body.empty()) add("Expect:");  // removes the header
  for (const auto& header : request.headers)
    add(header.name + ": " + header.value);
  curl_.easy_setopt(handle_, CURLOPT_HTTPHEADER, lines_.get());
}

std::size_t CurlExchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  const bool taken = static_cast<CurlExchange*>(self)->take_header({data, size * count});
  return taken ? size * count : 0;
}

std::size_t CurlExchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (exchange.receiver_ != nullptr) return exchange.hand_over({data, size * count});
  return exchange.take_body({data, size * count}) ? size * count : 0;
}

bool CurlExchange::make_head(int status) {
  if (has_head_) return true;
  has_head_ = true;
  if (status == 206) response_.headers.list.push_back({"Content-Range", "bytes " + range_ + "/*"});
  if (receiver_ != nullptr) stopped_ = !receiver_->head(status, response_.headers);
  return !stopped_;
}

// nullopt: another failure than a server's refusal.
std::optional<int> CurlExchange::status_of_ssh(CURLcode code) const {
  switch (code) {
    case CURLE_OK:
      return range_.empty() ? 200 : 206;
    case CURLE_REMOTE_FILE_NOT_FOUND:
      return 404;
    case CURLE_REMOTE_ACCESS_DENIED:
      return 403;
    case CURLE_BAD_DOWNLOAD_RESUME:  // the file is shorter
    case CURLE_RANGE_ERROR:
      return 416;
    default:
      return std::nullopt;
  }
}

std::size_t CurlExchange::hand_over(std::span<const char> bytes) {
  if (over_ssh_ && !make_head(range_.empty() ? 200 : 206)) return 0;
  const auto take = receiver_->body(bytes);
  if (take == Take::pause) return CURL_WRITEFUNC_PAUSE;
  stopped_ = take == Take::stop;
  return stopped_ ? 0 : bytes.size();
}

// At the empty line after the headers. An interim answer (100) is skipped.
bool CurlExchange::hand_over_head() {
  constexpr long first_final = 200;
  long status = 0;
  curl_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  if (status < first_final) return true;
  stopped_ = !receiver_->head(static_cast<int>(status), response_.headers);
  return !stopped_;
}

bool CurlExchange::take_header(std::string_view line) {
  if (over_ssh_) return true;  // of its own making
  header_bytes_ += line.size();
  too_large_ = too_large_ || header_bytes_ > most_header_bytes;
  if (too_large_) return false;
  if (line.starts_with("HTTP/")) {  // an interim answer (100) came before
    response_.headers.list.clear();
    return true;
  }
  if (receiver_ != nullptr && (line == "\r\n" || line == "\n")) return hand_over_head();
  const auto colon = line.find(':');
  // the empty line; trailers
  if (colon == std::string_view::npos || !response_.body.empty()) return true;
  response_.headers.list.push_back({std::string(without_space_around(line.substr(0, colon))),
                                    std::string(without_space_around(line.substr(colon + 1)))});
  return true;
}

bool CurlExchange::take_body(std::string_view bytes) {
  too_large_ = bytes.size() > request_.most_bytes - response_.body.size();
  if (!too_large_) response_.body += bytes;
  return !too_large_;
}

Expected<Response> CurlExchange::finish(CURLcode code) {
  if (const auto status = over_ssh_ && !stopped_ ? status_of_ssh(code) : std::nullopt) {
    (void)make_head(*status);
    response_.status = *status;
    return std::move(response_);
  }
  if (code != CURLE_OK) return tl::unexpected<Failure>(explain(code));
  long status = 0;
  curl_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

Failure CurlExchange::failed(ErrorKind kind, std::string_view cause, int code) const {
  const auto url = parse_source_url(request_.url);
  return {kind, Error{"ask", url ? url->shown() : "a server", std::string(cause), code}};
}

// libcurl's own words, in brackets. They quote unusable input, such as a proxy's URL.
std::string CurlExchange::details() const {
  return text_[0] == '\0' ? "" : " (" + without_user_info(text_.data()) + ")";
}

Failure CurlExchange::explain_timeout() const {
  curl_off_t connected_us = 0;
  curl_.easy_getinfo(handle_, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  if (connected_us == 0)
    return failed(ErrorKind::no_connection, "no connection within the time limit", ETIMEDOUT);
  return failed(ErrorKind::timed_out, "no answer within the time limit", ETIMEDOUT);
}

Failure CurlExchange::explain(CURLcode code) const {
  long number = 0;
  curl_.easy_getinfo(handle_, CURLINFO_OS_ERRNO, &number);
  const auto reason = static_cast<int>(number);
  if (stopped_) return failed(ErrorKind::interrupted, "cancelled");
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED)
    return failed(ErrorKind::too_large, "the answer is larger than allowed");
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return failed(ErrorKind::host_not_found, "the host's name cannot be resolved");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return failed(ErrorKind::host_not_found, "the proxy's name cannot be resolved");
    case CURLE_COULDNT_CONNECT:
      if (reason == 0) return failed(ErrorKind::no_connection, "no connection" + details());
      return failed(ErrorKind::no_connection, std::generic_category().message(reason), reason);
    case CURLE_OPERATION_TIMEDOUT:
      return explain_timeout();
    case CURLE_LOGIN_DENIED:
      return failed(ErrorKind::no_connection, "the server accepts none of the user's keys");
    case CURLE_PEER_FAILED_VERIFICATION:
      if (over_ssh_)
        return failed(ErrorKind::tls,
                      "its host key is not in known_hosts, or another one is; try: ssh " +
                          parse_source_url(request_.url).value_or(Url{}).host);
      return failed(ErrorKind::tls, "its certificate is not trusted" + details() + trust_hint());
    case CURLE_SSL_CACERT_BADFILE:
      return failed(ErrorKind::tls, "the CA bundle cannot be read" + details());
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
      return failed(ErrorKind::tls, "no secure connection" + details());
    case CURLE_URL_MALFORMAT:
      return failed(ErrorKind::bad_request, "not a URL");
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (over_ssh_) return failed(ErrorKind::no_library, "this libcurl has no sftp");
      [[fallthrough]];  // our schemes are supported: the answer is at fault
    case CURLE_WEIRD_SERVER_REPLY:
      return failed(ErrorKind::broken, "the server does not speak HTTP");
    default:
      return failed(ErrorKind::broken, "the connection broke off" + details(), reason);
  }
}

}  // namespace hfaudit::http
