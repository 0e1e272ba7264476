// A source whose beginning was read once and is then served from memory: one read serves the
// sniffing and, for most files, the whole header.
#pragma once

#include <algorithm>
#include <vector>

#include "base/byte_source.hpp"

namespace hfaudit {

class HeadSource final : public ByteSource {
 public:
  explicit HeadSource(ByteSource& source) : source_(source) {}

  // Reads the first `bytes`, or all there is.
  [[nodiscard]] Result<void> load(std::size_t bytes) {
    head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, source_.size())));
    const auto got = source_.read_at(0, head_);
    if (!got) return tl::unexpected<Error>(got.error());
    head_.resize(*got);
    return {};
  }

  [[nodiscard]] std::string_view head() const { return {head_.data(), head_.size()}; }

  [[nodiscard]] std::uint64_t size() const override { return source_.size(); }

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= head_.size()) return source_.read_at(offset, into);
    const auto known = std::span<const char>(head_).subspan(static_cast<std::size_t>(offset));
    const auto count = std::min(known.size(), into.size());
    std::copy_n(known.begin(), count, into.begin());
    if (count == into.size() || head_.size() == source_.size()) return count;
    auto rest = source_.read_at(head_.size(), into.subspan(count));
    if (!rest) return rest;
    return count + *rest;
  }

 private:
  ByteSource& source_;
  std::vector<char> head_;
};

}  // namespace hfaudit
