#include "base/wire_reader.hpp"

#include <algorithm>

namespace hfaudit {

// After a skip a few bytes are needed, in sequence all of them.
bool WireReader::fill() {
  constexpr std::uint64_t after_skip = 512, in_sequence = std::uint64_t{64} * 1024;
  if (error_ || position_ >= size_) return false;
  const bool sequential = buffer_begin_ + buffer_.size() == position_;
  const auto wanted =
      std::min(size_ - position_,
               sequential ? std::clamp<std::uint64_t>(buffer_.size() * 2, after_skip, in_sequence)
                          : after_skip);
  buffer_.resize(static_cast<std::size_t>(wanted));
  buffer_begin_ = position_;
  const auto got = source_.read_at(position_, buffer_);
  if (!got) error_ = got.error();
  buffer_.resize(got ? *got : 0);
  bytes_read_ += wanted;
  return !buffer_.empty();
}

bool WireReader::take_byte(unsigned char& byte) {
  const auto offset = position_ - buffer_begin_;
  const bool buffered = position_ >= buffer_begin_ && offset < buffer_.size();
  if (!buffered && !fill()) return false;
  byte = static_cast<unsigned char>(buffer_[static_cast<std::size_t>(position_ - buffer_begin_)]);
  ++position_;
  return true;
}

bool WireReader::take_varint(std::uint64_t& value) {
  constexpr unsigned longest = 10, bits = 7, more = 0x80;
  value = 0;
  for (unsigned i = 0; i < longest; ++i) {
    unsigned char byte = 0;
    if (!take_byte(byte)) return false;
    value |= static_cast<std::uint64_t>(byte & (more - 1)) << (i * bits);
    if ((byte & more) == 0) return true;
  }
  return false;
}

bool WireReader::take_tag(WireTag& tag) {
  constexpr unsigned wire_bits = 3, wire_mask = 7;
  std::uint64_t value = 0;
  if (!take_varint(value)) return false;
  tag = {value >> wire_bits, static_cast<unsigned>(value & wire_mask)};
  return tag.field != 0 && (tag.wire < 3 || tag.wire == 5);
}

bool WireReader::take_text(std::uint64_t length, std::string& text) {
  text.clear();
  if (length > size_ - position_) return false;
  for (std::uint64_t i = 0; i < length; ++i) {
    unsigned char byte = 0;
    if (!take_byte(byte)) return false;
    text += static_cast<char>(byte);
  }
  return true;
}

}  // namespace hfaudit
