#include "source/blob_index.hpp"

#include <algorithm>
#include <charconv>

#include "cache/blob_name.hpp"
#include "hfaudit/identity.hpp"
#include "os/thread_pool.hpp"

namespace hfaudit {
namespace {

// Of a plain etag, which has at least 40 hex digits.
[[nodiscard]] std::uint64_t beginning_of(std::string_view etag) {
  constexpr std::size_t digits = 16;
  constexpr int base = 16;
  std::uint64_t value = 0;
  (void)std::from_chars(etag.data(), etag.data() + digits, value, base);
  return value;
}

}  // namespace

void BlobIndex::list(const os::Directory& hub) {
  const auto own = hub.open_directory(".");  // a Directory is listed once in its life
  if (!own) return;
  const auto listed = own->list([this](const os::DirectoryEntry& entry) {
    if (parse_repo_folder(entry.name)) folders_.emplace_back(entry.name);
  });
  if (!listed) return;
  std::sort(folders_.begin(), folders_.end());
  std::mutex mutex;
  os::parallel_for(folders_.size(), 0, {}, [&](std::size_t number) {
    std::vector<Row> rows;
    const auto repo = hub.open_directory(folders_[number], os::Links::follow);
    if (!repo) return;
    const auto blobs = repo->open_directory("blobs", os::Links::follow);
    if (!blobs) return;
    const auto all = blobs->list([&](const os::DirectoryEntry& entry) {
      if (is_plain_etag(entry.name))
        rows.emplace_back(beginning_of(entry.name), static_cast<std::uint32_t>(number));
    });
    if (!all) return;
    const std::scoped_lock lock(mutex);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
  });
  std::sort(rows_.begin(), rows_.end());
}

void BlobIndex::add(const std::string& etag, const std::string& folder) {
  const std::scoped_lock lock(added_mutex_);
  added_.emplace(etag, folder);
}

std::vector<std::string> BlobIndex::folders_with(std::string_view etag, const os::Directory& hub) {
  std::call_once(listed_, [&] { list(hub); });
  std::vector<std::string> found;
  if (!is_plain_etag(etag)) return found;
  const auto wanted = beginning_of(etag);
  auto row = std::lower_bound(rows_.begin(), rows_.end(), Row{wanted, 0});
  for (; row != rows_.end() && row->first == wanted; ++row)
    found.push_back(folders_[row->second]);
  const std::scoped_lock lock(added_mutex_);
  for (auto [at, end] = added_.equal_range(etag); at != end; ++at)
    found.push_back(at->second);
  return found;
}

}  // namespace hfaudit
