#include "http/multi.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "http/exchange.hpp"
#include "http/url.hpp"

namespace hfaudit::http {
namespace {

using Clock = std::chrono::steady_clock;

[[nodiscard]] std::string host_of(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->host : "";
}

}  // namespace

// libcurl forbids calls from its own callbacks, in which receivers run. So their requests are
// noted, and carried out when the next turn begins.
class Multi::State {
 public:
  State(const CurlLibrary& curl, Options options)
      : curl_(curl), options_(std::move(options)), multi_(curl.multi_init(), curl.multi_cleanup) {
    constexpr long most_kept = 32;  // connections, once they are idle
    if (multi_) curl_.multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, most_kept);
  }
  ~State() {
    for (auto& [id, exchange] : exchanges_)
      take_off(*exchange);
    for (auto* handle : idle_)
      curl_.easy_cleanup(handle);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] bool good() const { return multi_ != nullptr; }
  [[nodiscard]] std::size_t running() const { return exchanges_.size(); }
  void wake() { curl_.multi_wakeup(multi_.get()); }

  [[nodiscard]] Id start(Request request, Receiver& receiver) {
    const Id id = ++last_;
    auto exchange = std::make_unique<Exchange>();
    exchange->id = id;
    exchange->request = std::move(request);
    exchange->receiver = &receiver;
    exchanges_.emplace(id, std::move(exchange));
    starting_.push_back(id);
    return id;
  }
  void cancel(Id id) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    found->second->muted.cancelled = true;
    cancelled_.push_back(id);
  }
  void resume(Id id) { resumed_.push_back(id); }

  std::chrono::nanoseconds turn(std::chrono::milliseconds most) {
    carry_out();
    int running = 0;
    curl_.multi_perform(multi_.get(), &running);
    finish();
    if (!starting_.empty() || !cancelled_.empty() || !resumed_.empty()) return {};
    const auto began = Clock::now();
    curl_.multi_poll(multi_.get(), nullptr, 0, static_cast<int>(most.count()), nullptr);
    return Clock::now() - began;
  }

 private:
  // Between libcurl and the receiver: drops everything once the exchange was cancelled.
  struct Muted final : Receiver {
    Receiver* to = nullptr;
    bool cancelled = false;
    bool head(int status, const Headers& headers) override {
      return !cancelled && to->head(status, headers);
    }
    Take body(std::span<const char> bytes) override {
      return cancelled ? Take::stop : to->body(bytes);
    }
    void done(Expected<int> status) override {
      if (!cancelled) to->done(std::move(status));
    }
  };
  struct Exchange {
    Id id = 0;
    Request request;
    Receiver* receiver = nullptr;
    Muted muted;
    Options options;
    CURL* handle = nullptr;
    std::unique_ptr<CurlExchange> curl;
  };

  void carry_out() {
    for (const auto id : std::exchange(cancelled_, {})) {
      const auto found = exchanges_.find(id);
      if (found == exchanges_.end()) continue;
      take_off(*found->second);
      exchanges_.erase(found);
    }
    for (const auto id : std::exchange(resumed_, {})) {
      const auto found = exchanges_.find(id);
      if (found != exchanges_.end() && found->second->handle != nullptr)
        curl_.easy_pause(found->second->handle, CURLPAUSE_CONT);
    }
    for (const auto id : std::exchange(starting_, {})) {
      const auto found = exchanges_.find(id);
      if (found != exchanges_.end()) put_on(*found->second);
    }
  }

  void put_on(Exchange& exchange) {
    exchange.muted.to = exchange.receiver;
    if (auto bad = refuse(exchange.request, options_.ssh.has_value()))
      return fail(exchange, *std::move(bad));
    exchange.handle = take_handle();
    if (exchange.handle == nullptr)
      return fail(exchange,
                  {ErrorKind::no_library, Error{"start", "libcurl", "out of memory", ENOMEM}});
    exchange.options = options_;
    exchange.options.ipv4_only =
        options_.ipv4_only || ipv4_hosts_.contains(host_of(exchange.request.url));
    exchange.curl = std::make_unique<CurlExchange>(curl_, exchange.handle, exchange.request,
                                                   exchange.options, &exchange.muted);
    curl_.easy_setopt(exchange.handle, CURLOPT_PRIVATE, static_cast<void*>(&exchange));
    curl_.multi_add_handle(multi_.get(), exchange.handle);
  }

  void fail(Exchange& exchange, Failure failure) {
    auto gone = exchanges_.extract(exchange.id);
    gone.mapped()->muted.done(tl::unexpected<Failure>(std::move(failure)));
  }

  void finish() {
    int left = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto code = message->data.result;
      char* mark = nullptr;
      curl_.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &mark);
      auto gone = exchanges_.extract(reinterpret_cast<Exchange*>(mark)->id);
      auto& exchange = *gone.mapped();
      note_detour(exchange);
      auto answer = exchange.curl->finish(code);
      take_off(exchange);
      if (answer) {
        exchange.muted.done(answer->status);
      } else {
        exchange.muted.done(tl::unexpected<Failure>(std::move(answer.error())));
      }
    }
  }

  // IPv6 that leads nowhere costs each new connection a fifth of a second, until IPv4 is tried.
  // Once is enough.
  void note_detour(const Exchange& exchange) {
    constexpr curl_off_t head_start_us = 180'000;  // a little less than libcurl gives it
    const char* address = nullptr;
    curl_off_t resolved = 0, connected = 0;
    curl_.easy_getinfo(exchange.handle, CURLINFO_PRIMARY_IP, &address);
    curl_.easy_getinfo(exchange.handle, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    curl_.easy_getinfo(exchange.handle, CURLINFO_CONNECT_TIME_T, &connected);
    const std::string_view text = address == nullptr ? "" : address;
    const bool ipv4 = !text.empty() && text.find(':') == std::string_view::npos;
    if (ipv4 && connected - resolved >= head_start_us)
      ipv4_hosts_.insert(host_of(exchange.request.url));
  }

  [[nodiscard]] CURL* take_handle() {
    if (idle_.empty()) return curl_.easy_init();
    auto* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }
  void take_off(Exchange& exchange) {
    if (exchange.handle == nullptr) return;
    curl_.multi_remove_handle(multi_.get(), exchange.handle);
    exchange.curl.reset();
    idle_.push_back(std::exchange(exchange.handle, nullptr));
  }

  const CurlLibrary& curl_;
  Options options_;
  std::unique_ptr<CURLM, decltype(&::curl_multi_cleanup)> multi_;
  std::map<Id, std::unique_ptr<Exchange>> exchanges_;
  std::vector<Id> starting_, cancelled_, resumed_;
  std::vector<CURL*> idle_;
  std::set<std::string> ipv4_hosts_;
  Id last_ = 0;
};

Multi::Multi(std::unique_ptr<State> state) : state_(std::move(state)) {}
Multi::~Multi() = default;

Expected<std::unique_ptr<Multi>> Multi::create(Options options) {
  const auto& curl = curl_library();
  if (!curl) return tl::unexpected<Failure>({ErrorKind::no_library, curl.error()});
  auto state = std::make_unique<State>(*curl, std::move(options));
  if (!state->good())
    return tl::unexpected<Failure>(
        {ErrorKind::no_library, Error{"start", "libcurl", "out of memory", ENOMEM}});
  return std::unique_ptr<Multi>(new Multi(std::move(state)));
}

Multi::Id Multi::start(Request request, Receiver& receiver) {
  return state_->start(std::move(request), receiver);
}
void Multi::cancel(Id id) {
  state_->cancel(id);
}
void Multi::resume(Id id) {
  state_->resume(id);
}
std::chrono::nanoseconds Multi::turn(std::chrono::milliseconds most) {
  return state_->turn(most);
}
void Multi::wake() {
  state_->wake();
}
std::size_t Multi::running() const {
  return state_->running();
}

}  // namespace hfaudit::http
