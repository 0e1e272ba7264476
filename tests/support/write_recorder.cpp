// Records, by LD_PRELOAD, what a program writes to a file system, in its order: crash_model.py
// replays it up to any point, as a power cut would leave it.
//
//   WRITE_RECORD=/tmp/log LD_PRELOAD=libhfaudit_write_recorder.so hfaudit pull acme/six
//
// A line an event, fields separated by spaces, names and bytes in hex. Inodes are `device:inode`:
//   create DIR NAME INODE         mkdir DIR NAME INODE           symlink DIR NAME INODE TARGET
//   link DIR NAME INODE           rename DIR NAME DIR NAME       unlink DIR NAME
//   write INODE OFFSET BYTES      truncate INODE SIZE            fsync INODE
// One lock around each call and its line keeps the order of all threads. Linux and glibc only.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace {

pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

int record_fd() {
  static const int fd = [] {
    const char* path = getenv("WRITE_RECORD");
    return path == nullptr
               ? -1
               : static_cast<int>(syscall(SYS_openat, AT_FDCWD, path,
                                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }();
  return fd;
}

class Turn {
 public:
  Turn() { pthread_mutex_lock(&turn); }
  ~Turn() {
    pthread_mutex_unlock(&turn);
    errno = saved_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  // The errno of the call that is recorded.
  template <class Number>
  Number keep(Number result) {
    saved_ = errno;
    return result;
  }

 private:
  int saved_ = 0;
};

template <class Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::string hex(const void* bytes, std::size_t count) {
  static const char* digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned byte = static_cast<const unsigned char*>(bytes)[i];
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text.empty() ? "-" : text;
}

std::string name_of(const char* path) {
  const char* slash = strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  return hex(name, strlen(name));
}

std::string id_of(const struct stat& status) {
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

std::string folder_of(int folder, const char* path) {
  const char* slash = strrchr(path, '/');
  struct stat status{};
  const std::string parent = slash == nullptr ? "."
                             : slash == path  ? "/"
                                              : std::string(path, slash);
  if (fstatat(folder, parent.c_str(), &status, 0) != 0) return "0:0";
  return id_of(status);
}

std::string inode_at(int folder, const char* path) {
  struct stat status{};
  return fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? id_of(status) : "0:0";
}

void line(const std::string& text) {
  if (record_fd() < 0) return;
  const std::string whole = text + "\n";
  std::size_t done = 0;
  while (done < whole.size()) {
    const long more = syscall(SYS_write, record_fd(), whole.data() + done, whole.size() - done);
    if (more <= 0) return;
    done += static_cast<std::size_t>(more);
  }
}

bool is_file(int fd, struct stat& status) {
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void wrote(int fd, const void* bytes, long count, off_t offset) {
  struct stat status{};
  if (count <= 0 || !is_file(fd, status)) return;
  line("write " + id_of(status) + " " + std::to_string(offset) + " " +
       hex(bytes, static_cast<std::size_t>(count)));
}

// Of write(2): where it wrote is behind it.
off_t behind(int fd, long count) {
  struct stat status{};
  const bool appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
  if (appends && fstat(fd, &status) == 0) return status.st_size - count;
  return lseek(fd, 0, SEEK_CUR) - count;
}

// The bytes that a copy inside the kernel has written.
void copied(int fd, off_t offset, long count) {
  if (count <= 0) return;
  std::vector<char> bytes(static_cast<std::size_t>(count));
  const long got = syscall(SYS_pread64, fd, bytes.data(), bytes.size(), offset);
  wrote(fd, bytes.data(), got, offset);
}

void truncated(int fd, off_t size) {
  struct stat status{};
  if (is_file(fd, status)) line("truncate " + id_of(status) + " " + std::to_string(size));
}

int open_any(int folder, const char* path, int flags, mode_t mode) {
  if (record_fd() < 0 || (flags & (O_CREAT | O_TRUNC)) == 0)
    return static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
  Turn mine;
  struct stat status{};
  const bool was_there = fstatat(folder, path, &status, 0) == 0;
  const int fd = mine.keep(static_cast<int>(syscall(SYS_openat, folder, path, flags, mode)));
  if (fd < 0 || (flags & O_TMPFILE) == O_TMPFILE || !is_file(fd, status)) return fd;
  if (!was_there)
    line("create " + folder_of(folder, path) + " " + name_of(path) + " " + id_of(status));
  if (was_there && (flags & O_TRUNC) != 0) truncated(fd, 0);
  return fd;
}

int synced(int fd, long number) {
  Turn mine;
  const int result = mine.keep(static_cast<int>(syscall(number, fd)));
  struct stat status{};
  if (result == 0 && fstat(fd, &status) == 0) line("fsync " + id_of(status));
  return result;
}

int renamed(int from, const char* path, int to, const char* new_path, unsigned flags) {
  Turn mine;
  const std::string text = "rename " + folder_of(from, path) + " " + name_of(path) + " " +
                           folder_of(to, new_path) + " " + name_of(new_path);
  // Two names of one file stay as they are.
  const bool same = inode_at(from, path) == inode_at(to, new_path);
  const int result =
      mine.keep(static_cast<int>(syscall(SYS_renameat2, from, path, to, new_path, flags)));
  if (result == 0 && !same) line(text);
  return result;
}

int removed(int folder, const char* path, int flags) {
  Turn mine;
  const std::string text = "unlink " + folder_of(folder, path) + " " + name_of(path);
  const int result = mine.keep(static_cast<int>(syscall(SYS_unlinkat, folder, path, flags)));
  if (result == 0) line(text);
  return result;
}

void submitted(long count, iocb** blocks) {
  for (long i = 0; i < count; ++i) {
    const iocb& block = *blocks[i];
    if (block.aio_lio_opcode != IOCB_CMD_PWRITE) continue;
    wrote(static_cast<int>(block.aio_fildes), reinterpret_cast<const void*>(block.aio_buf),
          static_cast<long>(block.aio_nbytes), static_cast<off_t>(block.aio_offset));
  }
}

}  // namespace

extern "C" {

#define MODE_OF(flags)                                                                   \
  va_list list;                                                                          \
  va_start(list, flags);                                                                 \
  const mode_t mode = ((flags) & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0; \
  va_end(list)

int open(const char* path, int flags, ...) {
  MODE_OF(flags);
  return open_any(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_OF(flags);
  return open_any(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE_OF(flags);
  return open_any(folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE_OF(flags);
  return open_any(folder, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  struct stat status{};
  if (record_fd() < 0 || !is_file(fd, status)) return syscall(SYS_write, fd, bytes, count);
  Turn mine;
  const long done = mine.keep(syscall(SYS_write, fd, bytes, count));
  if (done > 0) wrote(fd, bytes, done, behind(fd, done));
  return done;
}
ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  Turn mine;
  const long done = mine.keep(syscall(SYS_pwrite64, fd, bytes, count, offset));
  wrote(fd, bytes, done, offset);
  return done;
}
ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
  return pwrite(fd, bytes, count, offset);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  struct stat status{};
  if (record_fd() < 0 || !is_file(fd, status)) return syscall(SYS_writev, fd, parts, count);
  ssize_t all = 0;
  for (int i = 0; i < count; ++i) {
    const ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return all > 0 ? all : done;
    all += done;
    if (static_cast<size_t>(done) < parts[i].iov_len) break;
  }
  return all;
}
int ftruncate(int fd, off_t size) {
  Turn mine;
  const int result = mine.keep(static_cast<int>(syscall(SYS_ftruncate, fd, size)));
  if (result == 0) truncated(fd, size);
  return result;
}
int ftruncate64(int fd, off64_t size) {
  return ftruncate(fd, size);
}
ssize_t copy_file_range(int in, off64_t* in_at, int out, off64_t* out_at, size_t count,
                        unsigned flags) {
  Turn mine;
  const off_t at = out_at != nullptr ? *out_at : lseek(out, 0, SEEK_CUR);
  const long done = mine.keep(syscall(SYS_copy_file_range, in, in_at, out, out_at, count, flags));
  copied(out, at, done);
  return done;
}
int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void* argument = va_arg(list, void*);
  va_end(list);
  const int result = static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
  struct stat status{};
  if (request == FICLONE && result == 0 && fstat(fd, &status) == 0) copied(fd, 0, status.st_size);
  return result;
}

int fsync(int fd) {
  return synced(fd, SYS_fsync);
}
int fdatasync(int fd) {
  return synced(fd, SYS_fdatasync);
}

int rename(const char* path, const char* new_path) {
  return renamed(AT_FDCWD, path, AT_FDCWD, new_path, 0);
}
int renameat(int from, const char* path, int to, const char* new_path) {
  return renamed(from, path, to, new_path, 0);
}
int renameat2(int from, const char* path, int to, const char* new_path, unsigned flags) {
  return renamed(from, path, to, new_path, flags);
}
int unlink(const char* path) {
  return removed(AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) {
  return removed(folder, path, flags);
}
int rmdir(const char* path) {
  return removed(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int folder, const char* path, mode_t mode) {
  Turn mine;
  const int result = mine.keep(static_cast<int>(syscall(SYS_mkdirat, folder, path, mode)));
  if (result == 0)
    line("mkdir " + folder_of(folder, path) + " " + name_of(path) + " " + inode_at(folder, path));
  return result;
}
int mkdir(const char* path, mode_t mode) {
  return mkdirat(AT_FDCWD, path, mode);
}
int symlinkat(const char* target, int folder, const char* path) {
  Turn mine;
  const int result = mine.keep(static_cast<int>(syscall(SYS_symlinkat, target, folder, path)));
  if (result == 0)
    line("symlink " + folder_of(folder, path) + " " + name_of(path) + " " + inode_at(folder, path) +
         " " + hex(target, strlen(target)));
  return result;
}
int symlink(const char* target, const char* path) {
  return symlinkat(target, AT_FDCWD, path);
}
int linkat(int from, const char* path, int to, const char* new_path, int flags) {
  Turn mine;
  const int result =
      mine.keep(static_cast<int>(syscall(SYS_linkat, from, path, to, new_path, flags)));
  if (result == 0)
    line("link " + folder_of(to, new_path) + " " + name_of(new_path) + " " +
         inode_at(to, new_path));
  return result;
}
int link(const char* path, const char* new_path) {
  return linkat(AT_FDCWD, path, AT_FDCWD, new_path, 0);
}

// Linux's own asynchronous writes, and other calls without a function in glibc.
long syscall(long number, ...) noexcept {
  static const auto real = next(static_cast<long (*)(long, ...)>(nullptr), "syscall");
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a)
    argument = va_arg(list, long);
  va_end(list);
  const long result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (number == SYS_io_submit && result > 0) {
    Turn mine;
    mine.keep(0);
    submitted(result, reinterpret_cast<iocb**>(a[2]));
  }
  return result;
}

}  // extern "C"
