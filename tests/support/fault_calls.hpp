// The system calls that the fault injector knows, by kind, and where their paths are.
#pragma once

#include <sys/syscall.h>

#include <array>
#include <string_view>

namespace faults {

// What the arguments say: a descriptor; a path; a folder's descriptor and a path below it; two of
// these (rename, link); control blocks of asynchronous I/O; nothing, and all calls count.
enum class Shape { descriptor, path, at, two_at, control_blocks, anything };

struct Call {
  long number;
  std::string_view name;
  std::string_view kind;
  Shape shape;
  unsigned first = 0;  // the argument with the path or descriptor
};

#define FAULT_CALL(name, ...)      \
  Call {                           \
    SYS_##name, #name, __VA_ARGS__ \
  }

inline constexpr std::array calls = {
#ifdef SYS_open
    FAULT_CALL(open, "open", Shape::path),
    FAULT_CALL(stat, "stat", Shape::path),
    FAULT_CALL(lstat, "stat", Shape::path),
    FAULT_CALL(readlink, "readlink", Shape::path),
    FAULT_CALL(access, "access", Shape::path),
    FAULT_CALL(unlink, "unlink", Shape::path),
    FAULT_CALL(rmdir, "unlink", Shape::path),
    FAULT_CALL(mkdir, "mkdir", Shape::path),
    FAULT_CALL(rename, "rename", Shape::path),
    FAULT_CALL(chmod, "chmod", Shape::path),
    FAULT_CALL(truncate, "truncate", Shape::path),
    FAULT_CALL(link, "link", Shape::path),
    FAULT_CALL(symlink, "symlink", Shape::path, 1),
    FAULT_CALL(creat, "open", Shape::path),
#endif
    FAULT_CALL(openat, "open", Shape::at),
    FAULT_CALL(openat2, "open", Shape::at),
    FAULT_CALL(newfstatat, "stat", Shape::at),
    FAULT_CALL(statx, "stat", Shape::at),
    FAULT_CALL(fstat, "stat", Shape::descriptor),
    FAULT_CALL(statfs, "statfs", Shape::path),
    FAULT_CALL(fstatfs, "statfs", Shape::descriptor),
    FAULT_CALL(getdents64, "list", Shape::descriptor),
    FAULT_CALL(readlinkat, "readlink", Shape::at),
    FAULT_CALL(faccessat, "access", Shape::at),
    FAULT_CALL(faccessat2, "access", Shape::at),
    FAULT_CALL(read, "read", Shape::descriptor),
    FAULT_CALL(pread64, "read", Shape::descriptor),
    FAULT_CALL(readv, "read", Shape::descriptor),
    FAULT_CALL(preadv, "read", Shape::descriptor),
    FAULT_CALL(preadv2, "read", Shape::descriptor),
    FAULT_CALL(io_submit, "submit", Shape::control_blocks, 2),
    FAULT_CALL(io_getevents, "events", Shape::anything),
    FAULT_CALL(lseek, "seek", Shape::descriptor),
    FAULT_CALL(write, "write", Shape::descriptor),
    FAULT_CALL(pwrite64, "write", Shape::descriptor),
    FAULT_CALL(writev, "write", Shape::descriptor),
    FAULT_CALL(pwritev, "write", Shape::descriptor),
    FAULT_CALL(copy_file_range, "copy", Shape::descriptor, 2),
    FAULT_CALL(ioctl, "ioctl", Shape::descriptor),
    FAULT_CALL(ftruncate, "truncate", Shape::descriptor),
    FAULT_CALL(fallocate, "truncate", Shape::descriptor),
    FAULT_CALL(renameat, "rename", Shape::two_at),
    FAULT_CALL(renameat2, "rename", Shape::two_at),
    FAULT_CALL(linkat, "link", Shape::two_at),
    FAULT_CALL(symlinkat, "symlink", Shape::at, 1),
    FAULT_CALL(mkdirat, "mkdir", Shape::at),
    FAULT_CALL(unlinkat, "unlink", Shape::at),
    FAULT_CALL(fsync, "sync", Shape::descriptor),
    FAULT_CALL(fdatasync, "sync", Shape::descriptor),
    FAULT_CALL(sync_file_range, "sync", Shape::descriptor),
    FAULT_CALL(flock, "lock", Shape::descriptor),
    FAULT_CALL(fcntl, "fcntl", Shape::descriptor),
    FAULT_CALL(fchown, "chown", Shape::descriptor),
    FAULT_CALL(fchownat, "chown", Shape::at),
    FAULT_CALL(fchmod, "chmod", Shape::descriptor),
    FAULT_CALL(fchmodat, "chmod", Shape::at),
    FAULT_CALL(utimensat, "utime", Shape::at),
    FAULT_CALL(fgetxattr, "xattr", Shape::descriptor),
    FAULT_CALL(getxattr, "xattr", Shape::path),
    FAULT_CALL(lgetxattr, "xattr", Shape::path),
};

#undef FAULT_CALL

}  // namespace faults
