#include "os/file_version.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr std::uint32_t xfs_magic = 0x58465342;

// FS_IOC_GETFSUUID of Linux 6.9, which older headers lack.
struct FileSystemUuid {
  std::uint8_t length;
  std::array<std::uint8_t, 16> uuid;
};
constexpr unsigned long get_uuid = _IOR(0x15, 0, FileSystemUuid);

// The first byte of an id is its origin, so that ids of different origin always differ.
enum class Origin : std::uint8_t { uuid = 1, statfs, handle, device };

FileSystemId id_from(Origin origin, std::span<const unsigned char> bytes) {
  FileSystemId id{};
  id[0] = static_cast<unsigned char>(origin);
  // Longer ones are folded: all of them counts.
  for (std::size_t i = 0; i < bytes.size(); ++i)
    id[1 + i % (id.size() - 1)] =
        static_cast<unsigned char>(id[1 + i % (id.size() - 1)] * 31U) ^ bytes[i];
  return id;
}

template <class T>
std::span<const unsigned char> bytes_of(const T& value) {
  return {reinterpret_cast<const unsigned char*>(&value), sizeof value};
}

// Of NFS and its kind, which lack an id of their own: the server's handle of the file, which holds
// one.
std::optional<FileSystemId> id_from_handle(int fd) {
  constexpr unsigned most = 128;  // MAX_HANDLE_SZ
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + most> memory{};
  auto* handle = reinterpret_cast<file_handle*>(memory.data());
  handle->handle_bytes = most;
  int mount = 0;
  if (::name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) != 0) return std::nullopt;
  return id_from(Origin::handle, {handle->f_handle, handle->handle_bytes});
}

// XFS makes its id for statfs(2) from the device's number. Btrfs has one uuid for all subvolumes,
// which number their files each for itself; its id for statfs(2) tells them apart.
FileSystemId file_system_of(int fd, const struct statfs& status, std::uint64_t device) {
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  FileSystemUuid uuid{};
  if (magic == xfs_magic && ::ioctl(fd, get_uuid, &uuid) == 0)
    return id_from(Origin::uuid, uuid.uuid);
  const auto id = bytes_of(status.f_fsid);
  const bool has_id =
      std::any_of(id.begin(), id.end(), [](unsigned char byte) { return byte != 0; });
  if (magic != xfs_magic && has_id) return id_from(Origin::statfs, id);
  if (const auto from_handle = id_from_handle(fd); from_handle && magic != xfs_magic)
    return *from_handle;
  return id_from(Origin::device, bytes_of(device));
}

ChangeTimes change_times_of(const struct statfs& status) {
  constexpr std::array<std::uint32_t, 6> shown = {
      0xEF53,      // ext2, 3, 4
      xfs_magic,   //
      0x9123683E,  // btrfs
      0x2FC12FC1,  // zfs
      0xF2F52010,  // f2fs
      0xCA451A4E,  // bcachefs
  };
  constexpr std::array<std::uint32_t, 5> late = {
      0x6969,      // nfs
      0x0BD00BD0,  // lustre
      0x00C36400,  // ceph
      0x47504653,  // gpfs
      0x794C7630,  // overlayfs, which hides the writers of the layer below
  };
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  if (std::find(shown.begin(), shown.end(), magic) != shown.end()) return ChangeTimes::shown;
  return std::find(late.begin(), late.end(), magic) != late.end() ? ChangeTimes::late
                                                                  : ChangeTimes::none;
}

std::int64_t in_ns(const struct statx_timestamp& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<DatedVersion> version_of(const File& file) {
  struct statx status{};
  struct statfs around{};
  if (::statx(file.fd(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
    return failed("stat", file.name());
  if (::fstatfs(file.fd(), &around) != 0) return failed("stat", file.name());
  FileVersion version;
  version.file_system = file_system_of(file.fd(), around, file.meta().key.device);
  version.inode = status.stx_ino;
  version.size = status.stx_size;
  version.mtime_ns = in_ns(status.stx_mtime);
  version.ctime_ns = in_ns(status.stx_ctime);
  if ((status.stx_mask & STATX_BTIME) != 0) version.birth_ns = in_ns(status.stx_btime);
  return DatedVersion{version, change_times_of(around)};
}

// If a process opens the file for writing while we hold the lease, we get a signal: one that is
// ignored unless it is asked for, in place of SIGIO, which kills.
Writers writers_of(const File& file) {
  if (::fcntl(file.fd(), F_SETSIG, SIGURG) != 0) return Writers::unknown;
  if (::fcntl(file.fd(), F_SETLEASE, F_RDLCK) == 0) {
    (void)::fcntl(file.fd(), F_SETLEASE, F_UNLCK);
    return Writers::none;
  }
  return errno == EAGAIN ? Writers::some : Writers::unknown;
}

}  // namespace hfaudit::os
