// One request for a range of a file, from the Hub's redirect to its last byte.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "download/answer.hpp"
#include "download/content_requests.hpp"
#include "download/range_buffer.hpp"
#include "http/multi.hpp"
#include "http/url.hpp"

namespace hfaudit {

using TransferClock = std::chrono::steady_clock;
struct FileTransfer;

// The callbacks of a stream to its creator.
class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  [[nodiscard]] virtual http::Take may_take(FileTransfer& file, const Range& range) = 0;
  // Bytes of the file from the stream's offset on. Returns how many of them are new.
  [[nodiscard]] virtual std::uint64_t take(FileTransfer& file, class RangeStream& stream,
                                           std::span<const char> bytes) = 0;
  // This server sends the file from its beginning for every range. The range that is filled from
  // now on; null: the answer is useless.
  [[nodiscard]] virtual Range* take_whole(FileTransfer& file, class RangeStream& stream) = 0;
  virtual void record_silence(double silent_s) = 0;  // something came, after so long
  // the content is to be had there
  virtual void found(FileTransfer& file, const class RangeStream& stream) = 0;
};

enum class StreamRole : std::uint8_t { first, hedge };

class RangeStream final : public http::Receiver {
 public:
  RangeStream(StreamOwner& owner, FileTransfer& file, Range& range)
      : owner_(owner), file_(&file), range_(&range) {}

  // Before each request, after `asked` has been set.
  void begin(Url url, TokenUse token);

  bool head(int status, const http::Headers& headers) override;
  http::Take body(std::span<const char> bytes) override;
  void done(http::Expected<int> status) override;

  [[nodiscard]] double silent_s() const;
  // in the file, of the next byte it brings
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

  http::Multi::Id id = 0;
  FileTransfer& file() { return *file_; }
  Range* range() { return range_; }
  // Ends the request; its range stays, for another one.
  void cancel(http::Multi& multi);
  void leave_range() { range_ = nullptr; }  // it is complete, or gone
  void fill(Range& range) { range_ = &range; }

  bool ended = false;  // done() was called
  bool paused = false;
  bool is_hedge = false;              // a second request, for a stalled range
  bool hedged = false;                // this one stalled, and a hedge is running
  std::optional<std::size_t> mirror;  // the source of the request; nullopt: the Hub
  TransferClock::time_point began;    // this request
  std::optional<Url> url;
  TokenUse token = TokenUse::omit;
  int redirects = 0;
  std::uint64_t gained = 0;  // news since begin()
  RequestedRange asked;
  AnswerVerdict verdict;
  bool judged = false;
  http::Response refusal;  // status and headers of the Hub's refusal
  std::optional<http::Failure> failure;

 private:
  StreamOwner& owner_;
  FileTransfer* file_;
  Range* range_;
  std::uint64_t offset_ = 0;  // of the next byte, in the file
  TransferClock::time_point last_byte_at_;
  bool first_ = true;
};

}  // namespace hfaudit
