#include "export/content_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "digest/content_hash.hpp"
#include "os/content_file.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t disk_read_bytes = std::size_t{1} << 20;
constexpr std::size_t cached_read_bytes = std::size_t{128} << 10;  // stays in a core's own cache
constexpr std::size_t piece_bytes = std::size_t{512} << 10;        // at least, to hand out
constexpr std::size_t most_ready = 16;                             // pieces

tl::unexpected<Error> export_stopped() {
  return failure("export", "the repos", "interrupted", ECANCELED);
}

tl::unexpected<Error> changed_during_export(const ExportMember& member) {
  return failure("export", member.path, "it changed during the export", ESTALE);
}

// The running digests of one file, one for each claim.
class ClaimCheck {
 public:
  [[nodiscard]] static Result<ClaimCheck> begin(const ExportMember& member) {
    ClaimCheck check;
    for (const auto& claim : member.content.claims) {
      auto hash = ContentHash::begin(claim.kind, member.content.size);
      if (!hash) return tl::unexpected<Error>(hash.error());
      check.hashes_.emplace_back(&claim, std::move(*hash));
    }
    return check;
  }
  void update(std::span<const char> bytes) {
    for (auto& [claim, hash] : hashes_)
      hash.update(bytes);
  }
  [[nodiscard]] Result<void> finish(const ExportMember& member) {
    for (auto& [claim, hash] : hashes_) {
      const auto digest = hash.finish();
      if (!digest) return tl::unexpected<Error>(digest.error());
      if (*digest != claim->hex)
        return failure("export", member.path,
                       "its content does not have the " + std::string(to_string(claim->kind)) +
                           " that the " + std::string(to_string(claim->source)) + " gives, " +
                           claim->hex,
                       EILSEQ);
    }
    return {};
  }

 private:
  std::vector<std::pair<const Claim*, ContentHash>> hashes_;
};

}  // namespace

ContentReader::ContentReader(std::vector<const ExportMember*> members, ContentOpener open,
                             const std::stop_token& stop)
    : members_(std::move(members)), open_(std::move(open)), stop_(stop) {
  thread_ = std::thread([this] { run(); });
}

ContentReader::~ContentReader() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ContentReader::run() {
  Result<void> good;
  try {
    os::DiskQueue queue;
    const os::PageMemory memory(2 * disk_read_bytes);
    os::ReadBuffer buffer(memory.bytes(), queue);
    for (const auto* member : members_) {
      good = read_member(*member, buffer);
      if (!good) break;
    }
  } catch (const std::exception& error) {
    good = failure("read", "the content", error.what());
  }
  if (!good) (void)hand_out({.error = good.error()});
}

std::vector<char> ContentReader::empty_piece() {
  const std::scoped_lock lock(mutex_);
  std::vector<char> piece;
  if (!free_.empty()) {
    piece = std::move(free_.back());
    free_.pop_back();
  }
  piece.clear();
  piece.reserve(piece_bytes + disk_read_bytes);
  return piece;
}

// Waits until there is room for it.
Result<void> ContentReader::hand_out(ReadPiece piece) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop_, [this] { return closed_ || ready_.size() < most_ready; });
  if (closed_ || (stop_.stop_requested() && !piece.error)) return export_stopped();
  ready_.push_back(std::move(piece));
  lock.unlock();
  changed_.notify_all();
  return {};
}

Result<void> ContentReader::read_member(const ExportMember& member, os::ReadBuffer& buffer) {
  auto file = open_(member);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto& meta = (*file)->meta();
  const bool same = meta.key == member.content.key && meta.size == member.content.size &&
                    meta.mtime_ns == member.content.mtime_ns;
  if (!same) return changed_during_export(member);
  auto check = ClaimCheck::begin(member);
  if (!check) return tl::unexpected<Error>(check.error());
  os::ContentFile content(std::move(*file));
  auto piece = empty_piece();
  while (content.position() < member.content.size) {
    const auto got = content.read(buffer, content.is_cached() ? cached_read_bytes : disk_read_bytes,
                                  os::AfterRead::continues);
    if (!got) {
      auto error = got.error();
      error.subject = member.path;
      return tl::unexpected<Error>(std::move(error));
    }
    if (got->empty()) return changed_during_export(member);
    check->update(*got);
    piece.insert(piece.end(), got->begin(), got->end());
    if (piece.size() < piece_bytes || content.position() == member.content.size) continue;
    if (auto taken = hand_out({.bytes = std::move(piece)}); !taken) return taken;
    piece = empty_piece();
  }
  if (auto proven = check->finish(member); !proven) return proven;
  if (!content.is_unchanged()) return changed_during_export(member);
  return hand_out({.bytes = std::move(piece), .ends_file = true});
}

Result<std::optional<std::span<const char>>> ContentReader::next() {
  if (std::exchange(current_.ends_file, false)) return std::nullopt;
  std::unique_lock lock(mutex_);
  if (current_.bytes.capacity() != 0) free_.push_back(std::move(current_.bytes));
  current_ = {};
  changed_.wait(lock, stop_, [this] { return !ready_.empty(); });
  if (stop_.stop_requested()) return export_stopped();
  current_ = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  if (current_.error) return tl::unexpected<Error>(*current_.error);
  return std::span<const char>(current_.bytes);
}

}  // namespace hfaudit
