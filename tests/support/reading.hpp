// Sources for tests of the readers: text in memory, one that counts its reads, one that fails.
#pragma once

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"

namespace hfaudit::test {

// Borrows `bytes`.
[[nodiscard]] inline MemorySource memory(std::string_view bytes) {
  return MemorySource(std::span<const char>(bytes.data(), bytes.size()));
}

// Pretends to be of `size` bytes: `head` and then endless copies of `filler`. Counts what is asked
// of it.
class EndlessSource final : public ByteSource {
 public:
  EndlessSource(std::uint64_t size, std::string head, std::string filler)
      : size_(size), head_(std::move(head)), filler_(std::move(filler)) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    ++reads;
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(into.size(), size_ - std::min(size_, offset)));
    auto at = offset < head_.size()
                  ? 0
                  : static_cast<std::size_t>((offset - head_.size()) % filler_.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (offset + i < head_.size()) {
        into[i] = head_[static_cast<std::size_t>(offset + i)];
      } else {
        into[i] = filler_[at];
        if (++at == filler_.size()) at = 0;
      }
    }
    bytes += count;
    return count;
  }

  std::size_t reads = 0;
  std::uint64_t bytes = 0;

 private:
  std::uint64_t size_;
  std::string head_;
  std::string filler_;
};

// Fails with EIO from `good` bytes on.
class FailingSource final : public ByteSource {
 public:
  FailingSource(std::string bytes, std::uint64_t good) : bytes_(std::move(bytes)), good_(good) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset + into.size() > good_) return failure("read", "disk", "Input/output error", EIO);
    return MemorySource(bytes_).read_at(offset, into);
  }

 private:
  std::string bytes_;
  std::uint64_t good_;
};

}  // namespace hfaudit::test
