#include "http/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "http/exchange.hpp"
#include "http/url.hpp"

namespace hfaudit::http {
namespace {

constexpr int poll_ms = 200;  // the interval of checks of the flag

}  // namespace

// libcurl's handles. A multi handle for one request at a time: it keeps the connections, and it can
// be left.
class Session::Connections {
 public:
  explicit Connections(const CurlLibrary& curl)
      : curl_(curl),
        multi_(curl.multi_init(), curl.multi_cleanup),
        easy_(curl.easy_init(), curl.easy_cleanup) {}

  [[nodiscard]] bool good() const { return multi_ && easy_; }

  [[nodiscard]] Expected<Response> perform(const Request& request, const Options& options,
                                           const std::stop_token& stop) {
    CurlExchange exchange(curl_, easy_.get(), request, options);
    curl_.multi_add_handle(multi_.get(), easy_.get());
    const auto code = drive(stop);
    auto answer = code ? exchange.finish(*code) : tl::make_unexpected(stopped(request));
    curl_.multi_remove_handle(multi_.get(), easy_.get());
    return answer;
  }

 private:
  // nullopt: interrupted.
  [[nodiscard]] std::optional<CURLcode> drive(const std::stop_token& stop) {
    for (int running = 1;;) {
      if (stop.stop_requested()) return std::nullopt;
      if (curl_.multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (running == 0) break;
      if (curl_.multi_poll(multi_.get(), nullptr, 0, poll_ms, nullptr) != CURLM_OK)
        return CURLE_FAILED_INIT;
    }
    int left = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return CURLE_FAILED_INIT;
  }

  [[nodiscard]] static Failure stopped(const Request& request) {
    const auto url = parse_url(request.url);
    return {ErrorKind::interrupted, Error{"ask", url ? url->shown() : "", "interrupted", EINTR}};
  }

  const CurlLibrary& curl_;
  std::unique_ptr<CURLM, decltype(&::curl_multi_cleanup)> multi_;
  std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> easy_;
};

Session::Session(Options options) : options_(std::move(options)) {}
Session::~Session() = default;

Expected<Response> Session::perform(const Request& request, const std::stop_token& stop) {
  if (auto bad = refuse(request, options_.ssh.has_value()))
    return tl::unexpected<Failure>(*std::move(bad));
  const auto& curl = curl_library();
  if (!curl) return tl::unexpected<Failure>({ErrorKind::no_library, curl.error()});
  if (!connections_) connections_ = std::make_unique<Connections>(*curl);
  if (!connections_->good())
    return tl::unexpected<Failure>(
        {ErrorKind::no_library, Error{"start", "libcurl", "out of memory", ENOMEM}});
  return connections_->perform(request, options_, stop);
}

}  // namespace hfaudit::http
