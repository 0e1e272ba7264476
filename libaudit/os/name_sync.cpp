#include "os/name_sync.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr std::size_t most_noted_folders = 64;  // each has a descriptor

bool cannot_be_synced(int code) {
  return code == EINVAL || code == ENOSYS || code == EOPNOTSUPP || code == EROFS || code == EBADF;
}

struct NotedFolders {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, int> folders;
  std::optional<Error> failure;

  // Under the lock.
  void sync(int fd) {
    if (::fsync(fd) == 0 || cannot_be_synced(errno) || failure) return;
    failure = failed("sync", "a folder of the cache").value();
  }
};

NotedFolders& noted_folders() {
  static NotedFolders noted;
  return noted;
}

}  // namespace

void note_new_name(const Directory& folder) {
  auto& noted = noted_folders();
  struct stat status{};
  const std::scoped_lock lock(noted.mutex);
  if (::fstat(folder.fd(), &status) != 0) return;
  const std::pair key{status.st_dev, status.st_ino};
  if (noted.folders.contains(key)) return;
  const int copy =
      noted.folders.size() < most_noted_folders ? ::fcntl(folder.fd(), F_DUPFD_CLOEXEC, 0) : -1;
  if (copy < 0) return noted.sync(folder.fd());
  noted.folders.emplace(key, copy);
}

Result<void> sync_new_names() {
  auto& noted = noted_folders();
  const std::scoped_lock lock(noted.mutex);
  for (const auto& [key, fd] : noted.folders) {
    noted.sync(fd);
    ::close(fd);
  }
  noted.folders.clear();
  auto failure = std::exchange(noted.failure, std::nullopt);
  if (failure) return tl::unexpected<Error>(std::move(*failure));
  return {};
}

}  // namespace hfaudit::os
