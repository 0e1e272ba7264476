// A file as stat(2) describes it, and the process that holds it. Plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace hfaudit {

enum class FileType : std::uint8_t { regular, directory, symlink, other };

// The access of the cache's user to an entry, as the kernel would judge it (mode bits, ownership,
// ACL).
struct Access {
  bool read = true, write = true, enter = true;
};

// The identity of a file. Two names with the same FileKey are the same file.
struct FileKey {
  std::uint64_t device = 0, inode = 0;
  auto operator<=>(const FileKey&) const = default;
};

struct FileInfo {
  FileKey key;
  std::uint64_t size = 0;       // bytes
  std::uint64_t allocated = 0;  // bytes stored on disk; less than size where the file has holes
  std::int64_t mtime_ns = 0;    // since the epoch
  std::int64_t ctime_ns = 0;    // likewise
  std::uint32_t mode = 0;       // permission bits, 07777
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t links = 1;  // names of the file: hard links
  FileType type = FileType::other;
  Access access;   // of the cache's user
  Access members;  // of any member of the group that shares the cache; else full access
};

// What the removal of one name frees: nothing while the file has others.
[[nodiscard]] inline std::uint64_t bytes_freed_by_removal(const FileInfo& file) {
  return file.links > 1 ? 0 : file.allocated;
}

// The process that has a file open or holds its lock.
struct Holder {
  std::int64_t pid = 0;  // 0: unknown
  std::string command;
};

}  // namespace hfaudit
