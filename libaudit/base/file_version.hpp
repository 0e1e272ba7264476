// The metadata that distinguishes one state of a file from another. Plain values.
//
// A user can set size and mtime at will, but the ctime is out of reach: the kernel sets it at each
// change of content, owner, mode, name or times.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace hfaudit {

// Stays the same when devices are numbered anew: the file system's own id, where it has one.
using FileSystemId = std::array<unsigned char, 16>;

struct FileVersion {
  FileSystemId file_system{};
  std::uint64_t inode = 0;
  std::uint64_t size = 0;  // bytes
  std::int64_t mtime_ns = 0, ctime_ns = 0;
  std::int64_t birth_ns = 0;  // 0: unknown to the file system

  auto operator<=>(const FileVersion&) const = default;
};

// How far the times of a file system can be trusted to show a change of content.
enum class ChangeTimes : std::uint8_t {
  shown,  // each change shows, and a lease reveals writers: ext4, xfs, btrfs, f2fs, zfs, bcachefs
  late,   // it shows, but hides other machines' writers: NFS, Lustre, CephFS, GPFS; overlayfs
  none,   // tmpfs (a mapped page changes no time), FUSE, CIFS, FAT, all others
};

// Processes that have the file open for writing.
enum class Writers : std::uint8_t { none, some, unknown };

}  // namespace hfaudit
