// Reads protobuf's wire format from a source of any size: other fields than the wanted ones are
// skipped by their length, so a file of gigabytes costs a few reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.hpp"

namespace hfaudit {

struct WireTag {
  std::uint64_t field = 0;
  unsigned wire = 0;  // 0 varint, 1 eight bytes, 2 a length and bytes, 5 four bytes
};

class WireReader {
 public:
  explicit WireReader(ByteSource& source) : source_(source), size_(source.size()) {}

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Bytes that were requested from the source.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  // The reason why a read failed, unless the file ended.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  // Each is false at the end of the file, after an error, and for a malformed varint or tag.
  [[nodiscard]] bool take_varint(std::uint64_t& value);
  [[nodiscard]] bool take_tag(WireTag& tag);
  [[nodiscard]] bool take_text(std::uint64_t length, std::string& text);
  [[nodiscard]] bool skip(std::uint64_t bytes) {
    if (bytes > size_ - position_) return false;
    position_ += bytes;
    return true;
  }

 private:
  bool take_byte(unsigned char& byte);
  bool fill();

  ByteSource& source_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  std::uint64_t buffer_begin_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::vector<char> buffer_;
  std::optional<Error> error_;
};

}  // namespace hfaudit
