#include "cache/fingerprint.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace hfaudit {
namespace {

class Mixer {
 public:
  void add(std::uint64_t value) {
    // as boost::hash_combine does
    value_ ^= value + 0x9E3779B97F4A7C15U + (value_ << 6U) + (value_ >> 2U);
  }
  void add(std::string_view text) { add(std::uint64_t{std::hash<std::string_view>{}(text)}); }
  void add(std::string_view name, const FileInfo& meta) {
    add(name);
    add(meta.key.inode);
    add(meta.size);
    add(static_cast<std::uint64_t>(meta.mtime_ns));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace

std::uint64_t fingerprint(const RepoInventory& repo) {
  Mixer mixer;
  for (const auto& directory : repo.directories)
    mixer.add(directory.path, directory.meta);
  for (const auto& blob : repo.blobs)
    mixer.add(blob.name, blob.meta);
  for (const auto& partial : repo.partials)
    mixer.add(partial.path, partial.meta);
  for (const auto& lock : repo.locks)
    mixer.add(lock.path, lock.meta);
  for (const auto& ref : repo.refs)
    mixer.add(ref.name, ref.meta);
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries)
      mixer.add(entry.path, entry.meta);
  }
  return mixer.value();
}

std::int64_t last_change_ns(const RepoInventory& repo) {
  std::int64_t latest = repo.meta.mtime_ns;
  for (const auto& directory : repo.directories)
    latest = std::max(latest, directory.meta.mtime_ns);
  for (const auto& partial : repo.partials)
    latest = std::max(latest, partial.meta.mtime_ns);
  for (const auto& lock : repo.locks)
    latest = std::max(latest, lock.meta.mtime_ns);
  return latest;
}

bool changed_just_now(const RepoInventory& repo, std::int64_t now_ns) {
  constexpr std::int64_t just_now_ns = 30LL * 1'000'000'000;
  return now_ns - last_change_ns(repo) <= just_now_ns;
}

}  // namespace hfaudit
