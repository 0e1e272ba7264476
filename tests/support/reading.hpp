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

// Pretends to be of `size` bytes: `head` and then endless copies of a `filler`. Counts what is
// asked of it.
class EndlessSource final : public ByteSource {
 public:
  EndlessSource(std::uint64_t size, std::string head, std::string_view filler)
      : size_(size), head_(std::move(head)) {
    do
      block_ += filler;
    while (block_.size() < 65536);
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    ++reads;
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(into.size(), size_ - std::min(size_, offset)));
    std::size_t done = 0;
    if (offset < head_.size())
      done = head_.copy(into.data(), count, static_cast<std::size_t>(offset));
    // In blocks: sanitizers make each step of a loop over bytes expensive.
    while (done < count) {
      const auto at = static_cast<std::size_t>((offset + done - head_.size()) % block_.size());
      done += block_.copy(into.data() + done, count - done, at);
    }
    bytes += count;
    return count;
  }

  std::size_t reads = 0;
  std::uint64_t bytes = 0;

 private:
  std::uint64_t size_;
  std::string head_;
  std::string block_;  // copies of the filler
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
