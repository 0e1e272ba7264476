// The engine: what came of a request.
#include <algorithm>
#include <cmath>

#include "download/engine.hpp"
#include "download/engine_limits.hpp"

namespace hfaudit {
namespace {

constexpr int most_redirects = 5;

}  // namespace

using namespace engine;

void Engine::drop(FileTransfer&, RangeStream& stream) {
  if (!stream.ended) multi_->cancel(stream.id);
  if (stream.range() != nullptr) --stream.range()->streams;
  stream.leave_range();
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
    const auto* range = stream.range();
    // Who lost a race ended because of that, which is no failure.
    if (stream.ended && range != nullptr && !range->complete()) settle(file, stream);
    if (file.given_up() || file.streams.empty()) break;
  }
  // Who brought the last byte of a range has won: others that were asked for it are not wanted any more.
  for (auto& stream : file.streams) {
    auto* range = stream->range();
    if (range == nullptr || !range->complete()) continue;
    const bool last_byte_here = stream->offset() >= range->end;
    --range->streams;
    stream->leave_range();
    if (!last_byte_here && !stream->ended) {
      multi_->cancel(stream->id);
      stream->ended = true;
    }
  }
  std::erase_if(file.streams, [](const auto& stream) { return stream->ended && stream->range() == nullptr; });
  if (file.writer && file.open && !file.given_up()) file.buffer.flush_to(*file.writer, false);
}

void Engine::settle(FileTransfer& file, RangeStream& stream) {
  const auto kind = stream.judged ? stream.verdict.kind : AnswerKind::waits;
  if (stream.judged && kind == AnswerKind::redirect && redirect(stream)) return;
  const auto& range = *stream.range();
  drop(file, stream);
  const bool another = range.streams != 0 && !range.complete();  // it may still bring the bytes
  if (another && kind != AnswerKind::refused) {
    // It may also stay silent for ever; whoever is asked next must not be sent to the same wrong address.
    if (kind == AnswerKind::expired || kind == AnswerKind::wrong) forget_content(file, stream);
    return;
  }
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
    case AnswerKind::waits:
      return settle_wait(file, stream);
    case AnswerKind::redirect:
      return fail(file, stream.began, "it redirects in a circle, or to what is no http or https URL", std::nullopt,
                  HubTrouble::bad_answer);
    case AnswerKind::expired:
    case AnswerKind::wrong:
      forget_content(file, stream);
      if (file.failures != 0) file.validator.clear();
      return fail(file, stream.began, stream.verdict.cause, std::nullopt, HubTrouble::bad_answer);
  }
}

// A short wait is sat out here; for a long one others shall have their turn.
void Engine::settle_wait(FileTransfer& file, const RangeStream& stream) {
  constexpr double most_here_s = 60;
  constexpr int too_many = 429;
  const auto& asked_s = stream.verdict.asked_s;
  const auto status = stream.refusal.status;
  const auto hub = status == too_many ? HubTrouble::rate_limited : HubTrouble::server_trouble;
  const auto cause = "the server answers " + std::to_string(status);
  if (asked_s && *asked_s > most_here_s) {
    const auto until = cause + " and asks to wait " + std::to_string(std::lround(*asked_s)) + " s";
    stopped_.asked_s = asked_s;
    return stop_all(TransferEnd::trouble, until, hub);
  }
  if (asked_s && stream.asked.of_hub)
    hub_quiet_until_ = std::max(hub_quiet_until_, Clock::now() + duration(*asked_s));
  fail(file, stream.began, cause, asked_s, hub);
}

// true: it goes on elsewhere.
bool Engine::redirect(RangeStream& stream) {
  if (stream.range()->complete()) return false;
  const auto next = resolve_location(*stream.url, stream.verdict.location);
  if (!next || ++stream.redirects > most_redirects) return false;
  const bool token = stream.with_token && is_trusted_with(*stream.url, *next);
  auto asked = stream.asked;
  asked.begin = stream.range()->at;
  asked.end = stream.range()->end;
  stream.begin(*next, token, std::move(asked));
  ask(stream);
  return true;
}

// The body ended. What is still missing of its range is asked for anew; at once, if this one brought something.
void Engine::settle_body(FileTransfer& file, RangeStream& stream) {
  if (stream.gained != 0) return;
  const auto cause = stream.failure ? stream.failure->error.subject + ": " + stream.failure->error.cause
                                    : std::string("the server ends before the end of the file");
  forget_content(file, stream);
  fail(file, stream.began, cause, std::nullopt, HubTrouble::unreachable);
}

// The Hub's own no. Of this file, or of all of them.
void Engine::settle_refusal(FileTransfer& file, RangeStream& stream) {
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
void Engine::forget_content(FileTransfer& file, const RangeStream& stream) {
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
  constexpr unsigned more_when_asked = 8;
  const auto most = limits_.tries + (asked_s ? more_when_asked : 0);
  if (file.failures >= most) return give_up(file, TransferEnd::trouble, cause, hub);
  constexpr double first_s = 0.1;
  constexpr unsigned most_doublings = 6;
  const auto doublings = static_cast<int>(std::min(2 * (file.failures - 1), most_doublings));
  file.not_before = std::max(file.not_before, now + duration(std::ldexp(first_s, doublings)));
}

}  // namespace hfaudit
