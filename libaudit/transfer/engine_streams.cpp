// The engine's requests: what to ask for next, and what to make of the answers.
#include <algorithm>
#include <cmath>

#include "hub/retry.hpp"
#include "transfer/engine.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t window = 96 * mib;       // bytes in memory ahead of their turn
constexpr std::uint64_t most_queued = 24 * mib;  // bytes that wait for the disk, before the network has to
constexpr std::uint64_t first_solo = 16 * mib, most_solo = 512 * mib;
constexpr int most_redirects = 5;
constexpr unsigned most_streams_a_piece = 3;

[[nodiscard]] double seconds(TransferClock::duration time) {
  return std::chrono::duration<double>(time).count();
}

[[nodiscard]] TransferClock::duration duration(double seconds) {
  return std::chrono::duration_cast<TransferClock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

// What arrives, and whether it may ------------------------------------------------------------------------------

http::Take Engine::may_take(FileTransfer& file, const Piece& piece, std::size_t) {
  const bool head = file.flow.head() == &piece;
  const bool too_fast = limits_.max_rate != 0 && allowance_ <= 0;
  const bool disk_behind = head && buffers_.queued > most_queued;
  if (!too_fast && !disk_behind) return http::Take::all;
  any_paused_ = true;
  return http::Take::pause;
}

void Engine::took(FileTransfer& file, std::size_t bytes, std::size_t news) {
  received_ += bytes;
  allowance_ -= static_cast<double>(bytes);
  if (news != 0) file.failures = 0;
  file.flow.hand_on(*file.writer, false);  // libcurl may go on for long before its turn ends
}

void Engine::found(FileTransfer& file, const Stream& stream) {
  if (file.validator.empty()) file.validator = stream.verdict.validator;
  if (file.content) return;
  file.content = stream.url;
  file.content_with_token = stream.with_token;
}

Piece& Engine::take_whole(FileTransfer& file, Stream& stream) {
  file.whole_only = true;
  for (auto& other : file.streams) {
    if (other.get() == &stream) continue;
    drop(file, *other);
  }
  const bool own = stream.piece() == file.flow.head();
  auto& piece = file.flow.join();
  if (!own) ++piece.streams;
  return piece;
}

// What to ask for -----------------------------------------------------------------------------------------------

std::size_t Engine::streams() const {
  std::size_t count = 0;
  for (const auto& file : files_) {
    for (const auto& stream : file.streams)
      count += stream->second || stream->overtaken ? 0U : 1U;
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
      auto* piece = file.flow.idle();
      if (piece == nullptr && file.flow.pieces() == 0 && file.flow.unasked() != 0)
        piece = &file.flow.add(solo_length(file));
      if (piece == nullptr) break;
      open_stream(file, *piece, false);
    }
  }
  for (auto running = streams(); running < target_; ++running) {
    auto* file = most_in_need();
    if (file == nullptr) return;
    open_stream(*file, file->flow.add(ahead_length()), false);
  }
}

// The file with the fewest streams that could use another one.
FileTransfer* Engine::most_in_need() {
  std::uint64_t kept = buffers_.queued;
  for (const auto& file : files_)
    kept += file.flow.ahead();
  if (kept + ahead_length() > window) return nullptr;
  FileTransfer* best = nullptr;
  for (auto& file : files_) {
    if (!may_ask(file) || !file.content || file.whole_only || file.flow.pieces() == 0) continue;
    if (best != nullptr && best->streams.size() <= file.streams.size()) continue;
    if (make_room(file)) best = &file;
  }
  return best;
}

// Whether there is something left to ask for. A long piece that one stream has for itself is cut short, and that
// stream will be stopped there.
bool Engine::make_room(FileTransfer& file) const {
  auto* head = file.flow.head();
  const auto length = ahead_length();
  const bool alone = file.flow.pieces() == 1;
  if (alone && head->end - head->at > 2 * length) file.flow.cut(*head, head->at + length);
  return file.flow.unasked() != 0;
}

void Engine::open_stream(FileTransfer& file, Piece& piece, bool second) {
  auto& stream = *file.streams.emplace_back(std::make_unique<Stream>(*this, file, piece));
  stream.second = second;
  ++piece.streams;
  if (piece.streams == 1) piece.news = Clock::now();
  const auto start = file.content
                         ? file.content
                         : parse_url(hub_.settings.endpoint.resolve_url(hub_.repo, hub_.commit, file.job.path));
  AskedRange asked{piece.at, piece.end, file.job.size, file.job.etag, file.validator, true};
  const bool of_hub = start && is_of_hub(*start);
  const bool token = !hub_.token.empty() && token_works_ && of_hub && (!file.content || file.content_with_token);
  stream.begin(start.value_or(Url{}), token, std::move(asked));
  stream.redirects = 0;
  ask(stream);
}

bool Engine::is_of_hub(const Url& url) const {
  return hub_url_ && is_trusted_with(*hub_url_, url);
}

void Engine::ask(Stream& stream) {
  auto& asked = stream.asked;
  asked.of_hub = is_of_hub(*stream.url);
  http::Request request;
  request.url = stream.url->text();
  request.connect_timeout_s = std::max(hub_.settings.etag_timeout_s, 10U);
  request.idle_timeout_s = limits_.idle_timeout_s;
  request.fresh_connection = stream.second || stream.file().fresh;
  request.headers.push_back(
      {"Range", "bytes=" + std::to_string(asked.begin) + "-" + std::to_string(asked.end - 1)});
  if (stream.with_token) request.headers.push_back({"Authorization", hub_.token.authorization()});
  stream.id = multi_->start(std::move(request), stream);
}

// What came of it -----------------------------------------------------------------------------------------------

void Engine::drop(FileTransfer&, Stream& stream) {
  if (!stream.ended) multi_->cancel(stream.id);
  if (stream.piece() != nullptr) --stream.piece()->streams;
  stream.leave_piece();
  stream.ended = true;
}

void Engine::drop_streams(FileTransfer& file) {
  for (auto& stream : file.streams)
    drop(file, *stream);
  file.streams.clear();
}

void Engine::settle(FileTransfer& file) {
  for (std::size_t i = 0; i < file.streams.size(); ++i) {  // the list may grow and shrink meanwhile
    auto& stream = *file.streams[i];
    const auto* piece = stream.piece();
    // Who lost a race ended because of that, which is no failure.
    if (stream.ended && piece != nullptr && !piece->complete()) settle(file, stream);
    if (file.given_up() || file.streams.empty()) break;
  }
  // Who brought the last byte of a piece has won: others that were asked for it are not wanted any more.
  for (auto& stream : file.streams) {
    auto* piece = stream->piece();
    if (piece == nullptr || !piece->complete()) continue;
    const bool last_byte_here = stream->offset() >= piece->end;
    --piece->streams;
    stream->leave_piece();
    if (!last_byte_here && !stream->ended) {
      multi_->cancel(stream->id);
      stream->ended = true;
    }
  }
  std::erase_if(file.streams, [](const auto& stream) { return stream->ended && stream->piece() == nullptr; });
  if (file.writer && file.open && !file.given_up()) file.flow.hand_on(*file.writer, false);
}

void Engine::settle(FileTransfer& file, Stream& stream) {
  const auto kind = stream.judged ? stream.verdict.kind : AnswerKind::waits;
  if (stream.judged && kind == AnswerKind::redirect && redirect(stream)) return;
  const auto& piece = *stream.piece();
  drop(file, stream);
  const bool another = piece.streams != 0 && !piece.complete();  // it may still bring the bytes
  if (another && kind != AnswerKind::refused) return;
  if (!stream.judged) {
    const auto cause = stream.failure ? stream.failure->error.subject + ": " + stream.failure->error.cause
                                      : std::string("no answer came");
    return fail(file, stream.began, cause, std::nullopt, HubTrouble::unreachable);
  }
  switch (kind) {
    case AnswerKind::range:
    case AnswerKind::whole:
      return settle_body(file, stream);
    case AnswerKind::refused:
      return settle_refusal(file, stream);
    case AnswerKind::waits: {
      auto asked_s = stream.verdict.asked_s;
      constexpr double most_of_others_s = 60;  // only the Hub's own limits are worth hours
      if (asked_s && !stream.asked.of_hub) asked_s = std::min(*asked_s, most_of_others_s);
      const auto hub = stream.refusal.status == 429 ? HubTrouble::rate_limited : HubTrouble::server_trouble;
      if (asked_s && stream.asked.of_hub)
        hub_quiet_until_ = std::max(hub_quiet_until_, Clock::now() + duration(*asked_s));
      return fail(file, stream.began, "the server answers " + std::to_string(stream.refusal.status), asked_s, hub);
    }
    case AnswerKind::redirect:
      return fail(file, stream.began, "it redirects in a circle, or to no URL", std::nullopt,
                  HubTrouble::bad_answer);
    case AnswerKind::expired:
    case AnswerKind::wrong:
      forget_content(file, stream);
      if (file.failures != 0) file.validator.clear();
      return fail(file, stream.began, stream.verdict.cause, std::nullopt, HubTrouble::bad_answer);
  }
}

// true: it goes on elsewhere.
bool Engine::redirect(Stream& stream) {
  if (stream.piece()->complete()) return false;
  const auto next = resolve_location(*stream.url, stream.verdict.location);
  if (!next || ++stream.redirects > most_redirects) return false;
  const bool token = stream.with_token && is_trusted_with(*stream.url, *next);
  auto asked = stream.asked;
  asked.begin = stream.piece()->at;
  asked.end = stream.piece()->end;
  stream.begin(*next, token, std::move(asked));
  ask(stream);
  return true;
}

// The body ended. What is still missing of its piece is asked for anew; at once, if this one brought something.
void Engine::settle_body(FileTransfer& file, Stream& stream) {
  if (stream.gained != 0) return;
  const auto cause = stream.failure ? stream.failure->error.subject + ": " + stream.failure->error.cause
                                    : std::string("the server ends before the end of the file");
  forget_content(file, stream);
  fail(file, stream.began, cause, std::nullopt, HubTrouble::unreachable);
}

// The Hub's own no. Of this file, or of all of them.
void Engine::settle_refusal(FileTransfer& file, Stream& stream) {
  const Question question{"download", hub_.repo, hub_.commit, stream.with_token};
  const auto error = classify(stream.refusal, question, hub_.settings.endpoint);
  if (error.trouble == HubTrouble::bad_token && stream.with_token) {
    token_works_ = false;  // most repos are public
    return;
  }
  if (refusal_of(error.trouble) == Refusal::none)
    return fail(file, stream.began, error.error.cause, std::nullopt, error.trouble);
  if (error.trouble == HubTrouble::entry_not_found || error.trouble == HubTrouble::forbidden)
    return give_up(file, TransferEnd::refused, error.error.cause, error.trouble);
  stop_all(TransferEnd::refused, error.error.cause, error.trouble);
}

// The Hub is asked again where it is, unless somebody has found out meanwhile.
void Engine::forget_content(FileTransfer& file, const Stream& stream) {
  if (file.content && stream.url && file.content->text() == stream.url->text()) file.content.reset();
}

// A server that goes away ends all requests at once: those that were under way when one failed tell nothing new.
void Engine::fail(FileTransfer& file, Clock::time_point began, const std::string& cause,
                  std::optional<double> asked_s, HubTrouble hub) {
  const auto now = Clock::now();
  if (asked_s) file.not_before = std::max(file.not_before, now + duration(*asked_s));
  if (began < file.failed) return;
  file.failed = now;
  ++file.failures;
  constexpr unsigned patience_when_asked = 8;
  const auto most = limits_.tries + (asked_s ? patience_when_asked : 0);
  if (file.failures >= most) return give_up(file, TransferEnd::trouble, cause, hub);
  constexpr double first_s = 0.1;
  constexpr unsigned most_doublings = 6;
  const auto doublings = static_cast<int>(std::min(2 * (file.failures - 1), most_doublings));
  file.not_before = std::max(file.not_before, now + duration(std::ldexp(first_s, doublings)));
}

// Stalls, rates, and how many ------------------------------------------------------------------------------------

// A range that is silent for longer than this server usually is gets a second request, on another connection, and a
// third in place of the first. Whoever brings the bytes first wins. Each time it takes twice as long, so that a
// server that is slow to begin is heard in the end.
void Engine::look_for_stalls() {
  const auto patience = latency_.patience();
  for (auto& file : files_) {
    const auto count = file.streams.size();
    for (std::size_t i = 0; i < count && file.open && !file.given_up(); ++i) {
      auto& stream = *file.streams[i];
      auto* piece = stream.piece();
      if (stream.ended || stream.paused || piece == nullptr || piece->complete()) continue;
      if (is_dead(*piece)) {
        bury(file, *piece);
      } else if (!file.whole_only && is_silent(file, *piece, patience)) {  // whole: another one would begin at zero
        overtake(file, *piece);
      }
    }
  }
}

// All that were asked for it.
bool Engine::is_silent(const FileTransfer& file, const Piece& piece, double patience) {
  constexpr unsigned most_doublings = 16;
  const auto enough = std::ldexp(patience, static_cast<int>(std::min(piece.doubts, most_doublings)));
  return std::all_of(file.streams.begin(), file.streams.end(), [&](const auto& stream) {
    return stream->piece() != &piece || (!stream->paused && stream->silent_s() >= enough);
  });
}

void Engine::overtake(FileTransfer& file, Piece& piece) {
  ++piece.doubts;
  if (piece.streams >= most_streams_a_piece) drop_oldest(file, piece);
  for (auto& stream : file.streams)
    stream->overtaken = stream->overtaken || stream->piece() == &piece;
  open_stream(file, piece, true);
}

// The last resort.
bool Engine::is_dead(const Piece& piece) const {
  return Clock::now() - piece.news > std::chrono::seconds(limits_.idle_timeout_s);
}

void Engine::bury(FileTransfer& file, Piece& piece) {
  for (auto& stream : file.streams) {
    if (stream->piece() == &piece) drop(file, *stream);
  }
  file.content.reset();
  fail(file, Clock::now(), "not a byte came for " + std::to_string(limits_.idle_timeout_s) + " s", std::nullopt,
       HubTrouble::unreachable);
}

void Engine::drop_oldest(FileTransfer& file, const Piece& piece) {
  const auto oldest = std::find_if(file.streams.begin(), file.streams.end(),
                                   [&](const auto& stream) { return stream->piece() == &piece; });
  if (oldest != file.streams.end()) drop(file, **oldest);
}

void Engine::resume_paused() {
  const auto now = Clock::now();
  if (limits_.max_rate != 0) {
    const auto rate = static_cast<double>(limits_.max_rate);
    constexpr double burst_s = 0.1;
    allowance_ = std::min(allowance_ + rate * seconds(now - allowed_), rate * burst_s);
    allowed_ = now;
    if (allowance_ <= 0) return;
  }
  if (!any_paused_ || buffers_.queued > most_queued / 2) return;
  any_paused_ = false;
  for (auto& file : files_) {
    for (auto& stream : file.streams) {
      if (!stream->paused || stream->ended) continue;
      stream->paused = false;
      multi_->resume(stream->id);
    }
  }
}

// Then it is not for want of streams that nothing comes.
bool Engine::any_silent() const {
  constexpr double long_s = 0.1;
  for (const auto& file : files_) {
    for (const auto& stream : file.streams) {
      if (!stream->ended && stream->silent_s() > long_s) return true;
    }
  }
  return false;
}

// Twice as many streams where everybody waits for the network; and back again where that brings nothing, for pieces
// are longer, and silence costs less, with few.
void Engine::adapt(std::chrono::nanoseconds waited) {
  waited_ += waited;
  const auto now = Clock::now();
  const double passed = seconds(now - measured_);
  constexpr double least_s = 0.03, round_trips = 4;
  if (passed < (tried_from_ == 0 ? least_s : std::max(least_s, round_trips * latency_.longest()))) return;
  const double share = seconds(waited_) / passed;
  const double rate = static_cast<double>(received_ - measured_at_) / passed;
  waited_ = {};
  measured_ = now;
  measured_at_ = received_;

  constexpr double worth_it = 1.1;
  constexpr std::chrono::seconds pause(3);
  const bool in_vain = tried_from_ != 0 && rate < worth_it * rate_before_;
  if (in_vain) {
    target_ = tried_from_;
    may_grow_ = now + pause;
  }
  tried_from_ = 0;
  constexpr double network_bound = 0.3;
  constexpr std::uint64_t little = 8 * mib;
  const bool wanted = share > network_bound && buffers_.queued < little && streams() >= target_ && !any_silent();
  if (!wanted || now < may_grow_ || target_ >= limits_.connections) return;
  tried_from_ = target_;
  rate_before_ = rate;
  target_ = std::min<std::size_t>(limits_.connections, 2 * target_);
}

}  // namespace hfaudit
