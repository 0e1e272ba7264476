#include "formats/forward_reader.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t read_ahead_bytes = 64 * 1024;

}  // namespace

// Makes the buffer hold the byte at the position. Pieces end at multiples of their size.
bool ForwardReader::fill() {
  buffer_begin_ = position_;
  buffer_.resize(static_cast<std::size_t>(
      std::min(remaining(), read_ahead_bytes - position_ % read_ahead_bytes)));
  const auto got = source_.read_at(position_, buffer_);
  if (!got) error_ = got.error();
  buffer_.resize(got ? *got : 0);
  bytes_read_ += read_ahead_bytes;
  return !buffer_.empty();
}

bool ForwardReader::take(std::span<char> into) {
  if (into.size() > remaining()) return false;
  while (!into.empty()) {
    const bool buffered = position_ >= buffer_begin_ && position_ - buffer_begin_ < buffer_.size();
    if (!buffered && !fill()) return false;
    const auto available =
        std::span<const char>(buffer_).subspan(static_cast<std::size_t>(position_ - buffer_begin_));
    const auto count = std::min(available.size(), into.size());
    std::copy_n(available.begin(), count, into.begin());
    into = into.subspan(count);
    position_ += count;
  }
  return true;
}

}  // namespace hfaudit
