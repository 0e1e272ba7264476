// Where the format readers read from: a file (os/), or memory (tests, fuzzers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "hfaudit/result.hpp"

namespace hfaudit {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // Bytes in the whole file.
  [[nodiscard]] virtual std::uint64_t size() const = 0;

  // Reads up to `into.size()` bytes at `offset`; fewer only at the end of the file, 0 past it.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
};

class MemorySource final : public ByteSource {
 public:
  // Borrows `bytes`; the caller keeps them alive.
  explicit MemorySource(std::span<const char> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_.size() || into.empty()) return 0;
    const auto rest = bytes_.subspan(static_cast<std::size_t>(offset));
    const auto count = rest.size() < into.size() ? rest.size() : into.size();
    std::memcpy(into.data(), rest.data(), count);
    return count;
  }

 private:
  std::span<const char> bytes_;
};

}  // namespace hfaudit
