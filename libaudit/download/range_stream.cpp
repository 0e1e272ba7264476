#include "download/range_stream.hpp"

#include "os/unix_time.hpp"

namespace hfaudit {

void RangeStream::begin(Url where, TokenUse with) {
  url = std::move(where);
  token = with;
  verdict = {};
  judged = ended = paused = hedged = false;
  failure.reset();
  gained = 0;
  began = last_byte_at_ = TransferClock::now();
  first_ = true;
}

void RangeStream::cancel(http::Multi& multi) {
  if (!ended) multi.cancel(id);
  if (range_ != nullptr) --range_->streams;
  leave_range();
  ended = true;
}

double RangeStream::silent_s() const {
  return std::chrono::duration<double>(TransferClock::now() - last_byte_at_).count();
}

// Bodies of redirects and errors are read, within reason, so that the connection can be used again.
bool RangeStream::head(int status, const http::Headers& headers) {
  if (first_) owner_.record_silence(silent_s());
  first_ = false;
  last_byte_at_ = TransferClock::now();
  verdict = judge_answer(status, headers, asked, unix_time_s());
  judged = true;
  offset_ = asked.begin;
  if (verdict.kind == AnswerKind::whole) {
    offset_ = 0;
    if (range_ != nullptr) {
      auto* whole = owner_.take_whole(*file_, *this);
      if (whole == nullptr) return false;
      range_ = whole;
    }
  }
  if (verdict.kind == AnswerKind::range || verdict.kind == AnswerKind::whole)
    owner_.found(*file_, *this);
  if (verdict.kind == AnswerKind::refused || verdict.kind == AnswerKind::waits)
    refusal = {status, headers, {}};
  return verdict.kind != AnswerKind::wrong;
}

http::Take RangeStream::body(std::span<const char> bytes) {
  constexpr std::uint64_t most_idle_talk = std::uint64_t{64} << 10U;
  if (verdict.kind != AnswerKind::range && verdict.kind != AnswerKind::whole) {
    offset_ += bytes.size();
    return offset_ - asked.begin <= most_idle_talk ? http::Take::all : http::Take::stop;
  }
  if (range_ == nullptr || range_->complete()) return http::Take::stop;  // more than requested
  const auto take = owner_.may_take(*file_, *range_);
  if (!paused) owner_.record_silence(silent_s());
  paused = take == http::Take::pause;
  last_byte_at_ = TransferClock::now();
  if (take != http::Take::all) return take;
  const auto fresh = owner_.take(*file_, *this, bytes);
  gained += fresh;
  if (fresh != 0) range_->progressed = last_byte_at_;
  hedged = hedged && fresh == 0;
  offset_ += bytes.size();
  return http::Take::all;
}

void RangeStream::done(http::Expected<int> status) {
  ended = true;
  if (!status) failure = std::move(status.error());
}

}  // namespace hfaudit
