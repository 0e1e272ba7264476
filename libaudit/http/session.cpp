#include "http/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "http/exchange.hpp"
#include "http/url.hpp"

namespace hfaudit::http {
namespace {

constexpr int poll_ms = 200;  // how often the flag is looked at

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// A line break in a header would begin another one.
[[nodiscard]] bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

}  // namespace

std::optional<Failure> refuse(const Request& request) {
  const auto url = parse_url(request.url);
  if (!url) return Failure{Trouble::bad_request, Error{"ask", "a server", "not an http or https URL", 0}};
  constexpr std::array<std::string_view, 4> methods{"GET", "HEAD", "POST", "PUT"};
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end())
    return Failure{Trouble::bad_request, Error{"ask", url->shown(), "no such method", 0}};
  for (const auto& header : request.headers) {
    if (has_control(header.name) || has_control(header.value))
      return Failure{Trouble::bad_request, Error{"ask", url->shown(), "control characters in a header", 0}};
  }
  return std::nullopt;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& header : list) {
    if (same_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

bool is_transient(Trouble trouble) {
  return trouble == Trouble::host_not_found || trouble == Trouble::no_connection || trouble == Trouble::timed_out ||
         trouble == Trouble::broken;
}

// libcurl's handles. A multi handle for one request at a time: it keeps the connections, and it can be left.
class Session::Connections {
 public:
  explicit Connections(const os::CurlLibrary& curl)
      : curl_(curl), multi_(curl.multi_init(), curl.multi_cleanup), easy_(curl.easy_init(), curl.easy_cleanup) {}

  [[nodiscard]] bool good() const { return multi_ && easy_; }

  [[nodiscard]] Expected<Response> perform(const Request& request, const Options& options,
                                           const std::atomic<bool>* interrupted) {
    CurlExchange exchange(curl_, easy_.get(), request, options);
    curl_.multi_add_handle(multi_.get(), easy_.get());
    const auto code = drive(interrupted);
    auto answer = code ? exchange.finish(*code) : tl::make_unexpected(stopped(request));
    curl_.multi_remove_handle(multi_.get(), easy_.get());
    return answer;
  }

 private:
  // nullopt: interrupted.
  [[nodiscard]] std::optional<CURLcode> drive(const std::atomic<bool>* interrupted) {
    for (int running = 1;;) {
      if (interrupted != nullptr && interrupted->load(std::memory_order_relaxed)) return std::nullopt;
      if (curl_.multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (running == 0) break;
      if (curl_.multi_poll(multi_.get(), nullptr, 0, poll_ms, nullptr) != CURLM_OK) return CURLE_FAILED_INIT;
    }
    int left = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return CURLE_FAILED_INIT;
  }

  [[nodiscard]] static Failure stopped(const Request& request) {
    const auto url = parse_url(request.url);
    return {Trouble::interrupted, Error{"ask", url ? url->shown() : "", "interrupted", EINTR}};
  }

  const os::CurlLibrary& curl_;
  std::unique_ptr<CURLM, decltype(&::curl_multi_cleanup)> multi_;
  std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> easy_;
};

Session::Session(Options options) : options_(std::move(options)) {}
Session::~Session() = default;

Expected<Response> Session::perform(const Request& request, const std::atomic<bool>* interrupted) {
  if (auto bad = refuse(request)) return tl::unexpected<Failure>(*std::move(bad));
  const auto& curl = os::curl_library();
  if (!curl) return tl::unexpected<Failure>({Trouble::no_library, curl.error()});
  if (!connections_) connections_ = std::make_unique<Connections>(*curl);
  if (!connections_->good())
    return tl::unexpected<Failure>({Trouble::no_library, Error{"start", "libcurl", "out of memory", ENOMEM}});
  return connections_->perform(request, options_, interrupted);
}

}  // namespace hfaudit::http
