// The engine: which ranges to request, and the consequence of the end of a request.
#include <algorithm>

#include "download/engine.hpp"
#include "download/range_length.hpp"

namespace hfaudit {

bool Engine::may_request(const FileTransfer& file) const {
  const auto now = Clock::now();
  if (!file.is_receiving() || !file.retry.may_request(now)) return false;
  if (file.content || file.mirrors.any(mirror_health_)) return true;
  // the first request finds out where the content is
  return file.streams.empty() && now >= hub_quiet_until_;
}

void Engine::feed() {
  const auto wanted = connection_count_.count();
  std::size_t running = 0;
  for (const auto& file : files_)
    running += file.running();
  for (auto& file : files_) {
    give_up_without_source(file);
    while (may_request(file)) {
      auto* range = file.buffer.idle();
      if (range == nullptr && file.buffer.ranges() == 0 && file.buffer.unrequested() != 0)
        range = &file.add_range(wanted, files_.size());
      // the gaps between pieces of an earlier run may be many
      if (range == nullptr || (!file.streams.empty() && running >= wanted)) break;
      open_stream(file, *range, StreamRole::first);
      ++running;
    }
  }
  for (; running < wanted; ++running) {
    auto* file = neediest();
    if (file == nullptr) return;
    open_stream(*file, file->buffer.add(ahead_length(wanted)), StreamRole::first);
  }
}

// The file with the fewest requests that could use another one.
FileTransfer* Engine::neediest() {
  const auto wanted = connection_count_.count();
  if (bytes_ahead() + ahead_length(wanted) > most_ahead) return nullptr;
  FileTransfer* best = nullptr;
  for (auto& file : files_) {
    const bool is_found = file.content || file.mirrors.any(mirror_health_);
    if (!may_request(file) || !is_found || file.whole_only || file.buffer.ranges() == 0) continue;
    if (best != nullptr && best->streams.size() <= file.streams.size()) continue;
    if (file.make_room(wanted)) best = &file;
  }
  return best;
}

void Engine::open_stream(FileTransfer& file, Range& range, StreamRole role) {
  auto& stream = *file.streams.emplace_back(std::make_unique<RangeStream>(*this, file, range));
  stream.is_hedge = role == StreamRole::hedge;
  ++range.streams;
  if (range.streams == 1) range.progressed = Clock::now();
  stream.mirror = source_for(file, range, role);
  if (stream.mirror) {
    stream.asked = {
        range.at, range.end, file.job.size, file.job.etag, file.mirrors.validator(*stream.mirror),
        false,    {}};
    start_request(stream, file.mirrors.url(*stream.mirror), TokenUse::omit);
    return;
  }
  const auto url = (file.content ? file.content : requests_.hub_url(file.job.path)).value_or(Url{});
  const bool may_send = !file.content || file.content_token == TokenUse::send;
  stream.asked = {range.at, range.end, file.job.size, file.job.etag, file.validator, true, {}};
  start_request(stream, url, may_send ? requests_.token_for(url) : TokenUse::omit);
}

void Engine::start_request(RangeStream& stream, Url url, TokenUse token) {
  stream.asked.of_hub = !stream.mirror && requests_.is_of_hub(url);
  stream.asked.host = url.host + (url.port.empty() ? "" : ":" + url.port);
  const auto connection = stream.is_hedge ? ConnectionUse::fresh : stream.file().connection;
  auto request = requests_.make(url, stream.asked.begin, stream.asked.end, token, connection);
  stream.begin(std::move(url), token);
  stream.id = multi_->start(std::move(request), stream);
}

void Engine::settle(FileTransfer& file) {
  for (std::size_t i = 0; i < file.streams.size(); ++i) {  // the list may grow and shrink meanwhile
    auto& stream = *file.streams[i];
    const auto* range = stream.range();
    // The end of a request whose range another one has completed is ignored.
    if (stream.ended && range != nullptr && !range->complete()) settle(file, stream);
    if (file.given_up() || file.streams.empty()) break;
  }
  file.finish_ranges(*multi_);
  if (file.is_receiving()) file.buffer.flush_to(*file.writer, Flush::full_chunks);
}

void Engine::settle(FileTransfer& file, RangeStream& stream) {
  if (stream.judged && stream.verdict.kind == AnswerKind::redirect && redirect(stream)) return;
  if (stream.mirror) return settle_mirror(file, stream);
  const auto& range = *stream.range();
  stream.cancel(*multi_);
  EndedRequest ended;
  if (stream.judged) ended.verdict = stream.verdict;
  ended.failure = stream.failure;
  ended.refusal = stream.refusal;
  ended.gained = stream.gained;
  ended.of_hub = stream.asked.of_hub;
  ended.host = stream.asked.host;
  ended.with_token = stream.token == TokenUse::send;
  ended.another_runs = range.streams != 0 && !range.complete();
  ended.file_is_failing = file.retry.is_failing();
  ended.failures = file.retry.failures();
  const auto outcome = judge_request_end(ended, requests_.hub());

  if (outcome.forget_content) file.forget_content(stream);
  if (outcome.forget_validator) file.validator.clear();
  if (outcome.drop_token) requests_.drop_token();
  if (outcome.hub_quiet_s)
    hub_quiet_until_ = std::max(hub_quiet_until_, after(Clock::now(), *outcome.hub_quiet_s));
  switch (outcome.step) {
    case RequestOutcome::Step::request_again:
      return;
    case RequestOutcome::Step::count_failure:
      return count_failure(file, stream.began, outcome);
    case RequestOutcome::Step::give_up:
      return give_up(file, outcome.verdict());
    case RequestOutcome::Step::stop:
      return stop_all(outcome.verdict());
  }
}

std::optional<std::size_t> Engine::source_for(const FileTransfer& file, const Range& range,
                                              StreamRole role) const {
  const auto avoided =
      role == StreamRole::hedge ? file.sources_of(range) : std::vector<std::size_t>();
  const auto source = file.mirrors.pick(mirror_health_, file.running_by_source(), avoided);
  const bool again = source && std::find(avoided.begin(), avoided.end(), *source) != avoided.end();
  // Every mirror is stalled: the Hub has the bytes as well.
  return again && requests_.hub().may_be_asked ? std::nullopt : source;
}

// The missing part is requested anew: from another mirror, or from the Hub.
void Engine::settle_mirror(FileTransfer& file, RangeStream& stream) {
  const auto source = *stream.mirror;
  EndedMirrorRequest ended;
  if (stream.judged) ended.verdict = stream.verdict;
  ended.gained = stream.gained;
  if (stream.failure)
    ended.cause = stream.failure->error.subject + ": " + stream.failure->error.cause;
  stream.cancel(*multi_);
  if (file.mirrors.note_end(source, ended, mirror_health_[source])) return;
  file.whole_only = false;
}

void Engine::give_up_without_source(FileTransfer& file) {
  if (requests_.hub().may_be_asked || !file.is_receiving() || file.mirrors.any(mirror_health_))
    return;
  auto cause = file.mirrors.cause();
  for (const auto& health : mirror_health_) {
    if (cause.empty()) cause = health.cause;
  }
  TransferResult verdict;
  verdict.end = TransferEnd::network_error;
  verdict.cause = cause.empty() ? "no source has it" : "no source has it: " + cause;
  give_up(file, verdict);
}

// true: the stream continues elsewhere.
bool Engine::redirect(RangeStream& stream) {
  constexpr int most_redirects = 5;
  if (stream.range()->complete()) return false;
  auto next = resolve_location(*stream.url, stream.verdict.location);
  if (!next || ++stream.redirects > most_redirects) return false;
  const bool trusted = is_trusted_with(*stream.url, *next);
  stream.asked.begin = stream.range()->at;
  stream.asked.end = stream.range()->end;
  start_request(stream, *std::move(next), trusted ? stream.token : TokenUse::omit);
  return true;
}

void Engine::count_failure(FileTransfer& file, Clock::time_point began,
                           const RequestOutcome& outcome) {
  const auto next =
      file.retry.note_failure(Clock::now(), began, limits_.tries, outcome.retry_after_s);
  if (next == FileRetry::Next::give_up) give_up(file, outcome.verdict());
}

}  // namespace hfaudit
