#include "pull/local_copy.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "cache/content.hpp"
#include "digest/content_hash.hpp"
#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t copy_piece_bytes = std::size_t{1} << 20U;

class Copy {
 public:
  Copy(std::unique_ptr<os::File> source, PartialFile& partial, const TreeFile& file,
       const std::stop_token& stop, const std::function<void(std::uint64_t)>& on_disk)
      : source_(std::move(source)),
        partial_(partial),
        file_(file),
        stop_(stop),
        on_disk_(on_disk) {}

  [[nodiscard]] CopyResult run();

 private:
  [[nodiscard]] CopyResult hash_shared();
  [[nodiscard]] CopyResult append();
  [[nodiscard]] Result<bool> hash_prefix(ContentHash& hash);
  [[nodiscard]] Result<void> write(std::span<const char> piece);
  [[nodiscard]] CopyResult judge(ContentHash& hash) const;
  [[nodiscard]] static CopyResult ended(CopyEnd end, Error error = {}) {
    return {end, std::move(error), {}};
  }
  [[nodiscard]] Result<ContentHash> begin_hash() const {
    const auto claim = claim_of(ClaimSource::hub, file_.etag());
    return ContentHash::begin(claim ? claim->kind : HashKind::sha256, file_.size);
  }

  std::unique_ptr<os::File> source_;
  PartialFile& partial_;
  const TreeFile& file_;
  const std::stop_token& stop_;
  const std::function<void(std::uint64_t)>& on_disk_;
  std::uint64_t at_ = 0;
};

CopyResult Copy::run() {
  if (partial_.prefix() == 0 && file_.size > 0 && os::share_blocks(*source_, partial_.fd()))
    return hash_shared();
  const auto kept = std::min(partial_.prefix(), file_.size);
  auto result = append();
  if (result.end == CopyEnd::right || result.end == CopyEnd::stopped) return result;
  (void)os::set_length(partial_.fd(), kept);
  return result;
}

// The partial file is hashed instead of the source: its blocks stay when the source changes.
CopyResult Copy::hash_shared() {
  auto hash = begin_hash();
  if (!hash) return ended(CopyEnd::unreadable, hash.error());
  std::vector<char> piece(copy_piece_bytes);
  while (at_ < file_.size) {
    if (stop_.stop_requested()) return ended(CopyEnd::stopped);
    const auto got = os::read_at(partial_.fd(), at_, piece);
    if (!got || *got == 0) {
      (void)partial_.restart();
      return got ? ended(CopyEnd::wrong) : ended(CopyEnd::unreadable, got.error());
    }
    hash->update(std::span<const char>(piece).first(*got));
    at_ += *got;
    on_disk_(at_);
  }
  auto result = judge(*hash);
  if (result.end != CopyEnd::right) (void)partial_.restart();
  return result;
}

// false: interrupted, or shorter than it was.
Result<bool> Copy::hash_prefix(ContentHash& hash) {
  std::vector<char> piece(copy_piece_bytes);
  const auto length = std::min(partial_.prefix(), file_.size);
  while (at_ < length) {
    if (stop_.stop_requested()) return false;
    const auto most = std::min<std::uint64_t>(piece.size(), length - at_);
    const auto got =
        os::read_at(partial_.fd(), at_, std::span(piece).first(static_cast<std::size_t>(most)));
    if (!got) return tl::unexpected<Error>(got.error());
    if (*got == 0) return false;
    hash.update(std::span<const char>(piece).first(*got));
    at_ += *got;
  }
  return true;
}

// A sparse file stays sparse.
Result<void> Copy::write(std::span<const char> piece) {
  const bool sparse = source_ && source_->meta().allocated < source_->meta().size;
  const bool hole =
      sparse && std::all_of(piece.begin(), piece.end(), [](char byte) { return byte == 0; });
  if (hole) return os::set_length(partial_.fd(), at_ + piece.size());
  std::size_t written = 0;
  return os::write_at(partial_.fd(), at_, piece, written);
}

CopyResult Copy::append() {
  auto hash = begin_hash();
  if (!hash) return ended(CopyEnd::unreadable, hash.error());
  const auto hashed = hash_prefix(*hash);
  if (!hashed) return ended(CopyEnd::unwritable, hashed.error());
  if (!*hashed) return ended(CopyEnd::stopped);
  constexpr std::uint64_t soon = std::uint64_t{8} << 20U;
  std::vector<char> piece(copy_piece_bytes);
  auto flushed = at_;
  while (at_ < file_.size) {
    if (stop_.stop_requested()) return ended(CopyEnd::stopped);
    const auto most = std::min<std::uint64_t>(piece.size(), file_.size - at_);
    const auto got = source_->read_at(at_, std::span(piece).first(static_cast<std::size_t>(most)));
    if (!got) return ended(CopyEnd::unreadable, got.error());
    if (*got == 0) return ended(CopyEnd::wrong);
    const auto bytes = std::span<const char>(piece).first(*got);
    hash->update(bytes);
    if (auto written = write(bytes); !written) return ended(CopyEnd::unwritable, written.error());
    at_ += *got;
    on_disk_(at_);
    if (at_ - flushed < soon) continue;
    os::begin_writeback(partial_.fd(), flushed, at_ - flushed);
    flushed = at_;
  }
  return judge(*hash);
}

CopyResult Copy::judge(ContentHash& hash) const {
  const auto claim = claim_of(ClaimSource::hub, file_.etag());
  const auto digest = hash.finish();
  if (!digest) return ended(CopyEnd::unreadable, digest.error());
  if (!claim || *digest != claim->hex) return ended(CopyEnd::wrong);
  return {CopyEnd::right, {}, hash.take_chain()};
}

}  // namespace

CopyResult copy_content(std::unique_ptr<os::File> source, PartialFile& partial,
                        const TreeFile& file, const std::stop_token& stop,
                        const std::function<void(std::uint64_t)>& on_disk) {
  return Copy(std::move(source), partial, file, stop, on_disk).run();
}

}  // namespace hfaudit
