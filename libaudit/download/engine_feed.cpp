// The engine: what to ask for next.
#include <algorithm>

#include "download/engine.hpp"
#include "download/engine_limits.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t first_solo = 16 * engine::mib, most_solo = 512 * engine::mib;

}  // namespace

using namespace engine;

std::size_t Engine::streams() const {
  std::size_t count = 0;
  for (const auto& file : files_) {
    for (const auto& stream : file.streams)
      count += stream->is_hedge || stream->hedged ? 0U : 1U;
  }
  return count;
}

bool Engine::may_ask(const FileTransfer& file) const {
  if (!file.writer || !file.open || file.given_up()) return false;
  const auto now = Clock::now();
  if (now < file.not_before) return false;
  if (file.content) return true;
  return file.streams.empty() && now >= hub_quiet_until_;  // the first one finds out where it is
}

std::uint64_t Engine::ahead_length() const {
  constexpr std::uint64_t least = mib, most = 8 * mib;
  return std::clamp(window / (2 * std::max<std::size_t>(target_, 1)), least, most);
}

// One stream alone needs no memory, and ever fewer requests.
std::uint64_t Engine::solo_length(FileTransfer& file) const {
  if (target_ > files_.size()) return ahead_length();
  const auto length = std::max(file.solo_length, first_solo);
  file.solo_length = std::min(2 * length, most_solo);
  return length;
}

void Engine::feed() {
  for (auto& file : files_) {
    while (may_ask(file)) {
      auto* range = file.buffer.idle();
      if (range == nullptr && file.buffer.ranges() == 0 && file.buffer.unasked() != 0)
        range = &file.buffer.add(solo_length(file));
      if (range == nullptr) break;
      open_stream(file, *range, false);
    }
  }
  for (auto running = streams(); running < target_; ++running) {
    auto* file = most_in_need();
    if (file == nullptr) return;
    open_stream(*file, file->buffer.add(ahead_length()), false);
  }
}

// The file with the fewest streams that could use another one.
FileTransfer* Engine::most_in_need() {
  std::uint64_t kept = buffers_.queued;
  for (const auto& file : files_)
    kept += file.buffer.ahead();
  if (kept + ahead_length() > window) return nullptr;
  FileTransfer* best = nullptr;
  for (auto& file : files_) {
    if (!may_ask(file) || !file.content || file.whole_only || file.buffer.ranges() == 0) continue;
    if (best != nullptr && best->streams.size() <= file.streams.size()) continue;
    if (make_room(file)) best = &file;
  }
  return best;
}

// Whether there is something left to ask for. A long range that one stream has for itself is cut short, and that
// stream will be stopped there.
bool Engine::make_room(FileTransfer& file) const {
  auto* head = file.buffer.head();
  const auto length = ahead_length();
  const bool alone = file.buffer.ranges() == 1;
  if (alone && head->end - head->at > 2 * length) file.buffer.cut(*head, head->at + length);
  return file.buffer.unasked() != 0;
}

void Engine::open_stream(FileTransfer& file, Range& range, bool is_hedge) {
  auto& stream = *file.streams.emplace_back(std::make_unique<RangeStream>(*this, file, range));
  stream.is_hedge = is_hedge;
  ++range.streams;
  if (range.streams == 1) range.news = Clock::now();
  const auto start = file.content
                         ? file.content
                         : parse_url(hub_.settings.endpoint.resolve_url(hub_.repo, hub_.commit, file.job.path));
  AskedRange asked{range.at, range.end, file.job.size, file.job.etag, file.validator, true};
  const bool of_hub = start && is_of_hub(*start);
  const bool token = !hub_.token.empty() && token_works_ && of_hub && (!file.content || file.content_with_token);
  stream.begin(start.value_or(Url{}), token, std::move(asked));
  stream.redirects = 0;
  ask(stream);
}

bool Engine::is_of_hub(const Url& url) const {
  return hub_url_ && is_trusted_with(*hub_url_, url);
}

void Engine::ask(RangeStream& stream) {
  auto& asked = stream.asked;
  asked.of_hub = is_of_hub(*stream.url);
  http::Request request;
  request.url = stream.url->text();
  request.connect_timeout_s = std::max(hub_.settings.etag_timeout_s, 10U);
  request.idle_timeout_s = limits_.idle_timeout_s;
  request.fresh_connection = stream.is_hedge || stream.file().fresh;
  request.headers.push_back(
      {"Range", "bytes=" + std::to_string(asked.begin) + "-" + std::to_string(asked.end - 1)});
  if (stream.with_token) request.headers.push_back({"Authorization", hub_.token.authorization()});
  stream.id = multi_->start(std::move(request), stream);
}

}  // namespace hfaudit
