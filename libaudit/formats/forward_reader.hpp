// Reads a source from front to back through one buffer, for headers of megabytes that are mostly
// skipped.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/byte_source.hpp"
#include "base/little_endian.hpp"

namespace hfaudit {

class ForwardReader {
 public:
  explicit ForwardReader(ByteSource& source) : source_(source), size_(source.size()) {}

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t remaining() const { return size_ - position_; }

  // Bytes that were asked of the source: the work done, without skipped bytes.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

  // The reason why a take() failed, unless the file ended.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  // False where fewer are left; then the position stays.
  [[nodiscard]] bool skip(std::uint64_t bytes) {
    if (bytes > remaining()) return false;
    position_ += bytes;
    return true;
  }

  // False at the end of the file or on an error.
  [[nodiscard]] bool take(std::span<char> into);

  template <class T>
  [[nodiscard]] bool take_integer(T& value) {
    std::array<char, sizeof(T)> bytes;
    if (!take(bytes)) return false;
    value = little_endian<T>(bytes.data());
    return true;
  }

 private:
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
