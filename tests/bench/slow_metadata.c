// A network file system by LD_PRELOAD: each metadata call on what lies below $SLOW_METADATA_ROOT
// takes 1 ms longer.
//
//   cc -shared -fPIC -O2 -o slow_metadata.so slow_metadata.c -ldl
//   SLOW_METADATA_ROOT=/tmp/cache LD_PRELOAD=./slow_metadata.so hf cache ls
//
// Calls relative to a descriptor count where that descriptor was opened below the root. A directory
// stream pays for the two getdents calls that libc makes behind it. Threads wait side by side, as
// they would for a server.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FDS 65536
static unsigned char below[FDS];  // descriptors of the slow file system
static const char* root;
static size_t root_length;
static long delay_ns = 1000000;
static int report_to = -1;
static unsigned long calls;  // for SLOW_METADATA_COUNT: says at exit how many calls were slowed

static void report(void) {
  char line[64];
  int length = snprintf(line, sizeof line, "slow_metadata: %lu calls\n", calls);
  if (length > 0 && write(report_to, line, (size_t)length) < 0) return;
}

__attribute__((constructor)) static void begin(void) {
  root = getenv("SLOW_METADATA_ROOT");
  root_length = root ? strlen(root) : 0;
  const char* microseconds = getenv("SLOW_METADATA_US");
  if (microseconds) delay_ns = atol(microseconds) * 1000;
  if (!getenv("SLOW_METADATA_COUNT")) return;
  report_to = fcntl(2, F_DUPFD_CLOEXEC, 200);  // programs close their stderr before they exit
  atexit(report);
}

static void wait_for_server(void) {
  const int saved = errno;
  const struct timespec delay = {0, delay_ns};
  __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  nanosleep(&delay, NULL);
  errno = saved;
}

static int slow_fd(int fd) {
  return fd >= 0 && fd < FDS && below[fd];
}

static int slow_path(int folder, const char* path) {
  if (!root || !path) return 0;
  if (path[0] != '/') return slow_fd(folder);
  return strncmp(path, root, root_length) == 0 &&
         (path[root_length] == '/' || path[root_length] == '\0');
}

static int opened(int fd, int slow) {
  if (fd >= 0 && fd < FDS) below[fd] = (unsigned char)slow;
  return fd;
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void* real(const char* name) {
  return dlsym(RTLD_NEXT, name);
}

#define FORWARD(result, name, slow, parameters, arguments) \
  result name parameters {                                 \
    static result(*next) parameters;                       \
    if (!next) next = (result(*) parameters)real(#name);   \
    if (slow) wait_for_server();                           \
    return next arguments;                                 \
  }

// open: the mode is passed on always; the kernel ignores it where it has no meaning.
#define OPEN(name)                                                                  \
  int name(const char* path, int flags, ...) {                                      \
    static int (*next)(const char*, int, ...);                                      \
    if (!next) next = (int (*)(const char*, int, ...))real(#name);                  \
    va_list list;                                                                   \
    va_start(list, flags);                                                          \
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                                                   \
    const int slow = slow_path(AT_FDCWD, path);                                     \
    if (slow) wait_for_server();                                                    \
    return opened(next(path, flags, mode), slow);                                   \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                \
  int name(int folder, const char* path, int flags, ...) {                          \
    static int (*next)(int, const char*, int, ...);                                 \
    if (!next) next = (int (*)(int, const char*, int, ...))real(#name);             \
    va_list list;                                                                   \
    va_start(list, flags);                                                          \
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                                                   \
    const int slow = slow_path(folder, path);                                       \
    if (slow) wait_for_server();                                                    \
    return opened(next(folder, path, flags, mode), slow);                           \
  }
OPENAT(openat)
OPENAT(openat64)

// What the fortified headers make of open().
int __open_2(const char* path, int flags) {
  return open(path, flags);
}
int __open64_2(const char* path, int flags) {
  return open64(path, flags);
}
int __openat_2(int folder, const char* path, int flags) {
  return openat(folder, path, flags);
}
int __openat64_2(int folder, const char* path, int flags) {
  return openat64(folder, path, flags);
}

#define FOPEN(name)                                                                \
  FILE* name(const char* restrict path, const char* restrict mode) {               \
    const int slow = slow_path(AT_FDCWD, path);                                    \
    if (slow) wait_for_server();                                                   \
    FILE* file = ((FILE * (*)(const char*, const char*)) real(#name))(path, mode); \
    if (file) opened(fileno(file), slow);                                          \
    return file;                                                                   \
  }
FOPEN(fopen)
FOPEN(fopen64)

int close(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))real("close");
  opened(fd, 0);
  return next(fd);
}

int dup(int fd) {
  return opened(((int (*)(int))real("dup"))(fd), slow_fd(fd));
}
int dup2(int fd, int to) {
  return opened(((int (*)(int, int))real("dup2"))(fd, to), slow_fd(fd));
}
int dup3(int fd, int to, int flags) {
  return opened(((int (*)(int, int, int))real("dup3"))(fd, to, flags), slow_fd(fd));
}
#define FCNTL(name)                                                                    \
  int name(int fd, int command, ...) {                                                 \
    static int (*next)(int, int, ...);                                                 \
    if (!next) next = (int (*)(int, int, ...))real(#name);                             \
    va_list list;                                                                      \
    va_start(list, command);                                                           \
    void* argument = va_arg(list, void*);                                              \
    va_end(list);                                                                      \
    const int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK; \
    if (locks && slow_fd(fd)) wait_for_server();                                       \
    const int result = next(fd, command, argument);                                    \
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) opened(result, slow_fd(fd)); \
    return result;                                                                     \
  }
FCNTL(fcntl)
FCNTL(fcntl64)

DIR* opendir(const char* path) {
  const int slow = slow_path(AT_FDCWD, path);
  for (int call = 0; slow && call < 3; ++call)
    wait_for_server();  // open, getdents, getdents
  DIR* stream = ((DIR * (*)(const char*)) real("opendir"))(path);
  if (stream) opened(dirfd(stream), slow);
  return stream;
}

DIR* fdopendir(int fd) {
  for (int call = 0; slow_fd(fd) && call < 2; ++call)
    wait_for_server();
  return ((DIR * (*)(int)) real("fdopendir"))(fd);
}

int closedir(DIR* stream) {
  opened(dirfd(stream), 0);
  return ((int (*)(DIR*))real("closedir"))(stream);
}

#define STATS(suffix)                                                                            \
  FORWARD(int, stat##suffix, slow_path(AT_FDCWD, path),                                          \
          (const char* restrict path, struct stat##suffix* restrict out), (path, out))           \
  FORWARD(int, lstat##suffix, slow_path(AT_FDCWD, path),                                         \
          (const char* restrict path, struct stat##suffix* restrict out), (path, out))           \
  FORWARD(int, fstat##suffix, slow_fd(fd), (int fd, struct stat##suffix* out), (fd, out))        \
  FORWARD(int, fstatat##suffix, slow_path(folder, path),                                         \
          (int folder, const char* restrict path, struct stat##suffix* restrict out, int flags), \
          (folder, path, out, flags))                                                            \
  FORWARD(int, __xstat##suffix, slow_path(AT_FDCWD, path),                                       \
          (int version, const char* path, struct stat##suffix* out), (version, path, out))       \
  FORWARD(int, __lxstat##suffix, slow_path(AT_FDCWD, path),                                      \
          (int version, const char* path, struct stat##suffix* out), (version, path, out))       \
  FORWARD(int, __fxstat##suffix, slow_fd(fd), (int version, int fd, struct stat##suffix* out),   \
          (version, fd, out))                                                                    \
  FORWARD(int, __fxstatat##suffix, slow_path(folder, path),                                      \
          (int version, int folder, const char* path, struct stat##suffix* out, int flags),      \
          (version, folder, path, out, flags))
STATS()
STATS(64)

FORWARD(int, statx, slow_path(folder, path),
        (int folder, const char* restrict path, int flags, unsigned mask,
         struct statx* restrict out),
        (folder, path, flags, mask, out))
FORWARD(ssize_t, readlink, slow_path(AT_FDCWD, path),
        (const char* restrict path, char* restrict to, size_t size), (path, to, size))
FORWARD(ssize_t, readlinkat, slow_path(folder, path),
        (int folder, const char* restrict path, char* restrict to, size_t size),
        (folder, path, to, size))
FORWARD(int, access, slow_path(AT_FDCWD, path), (const char* path, int mode), (path, mode))
FORWARD(int, faccessat, slow_path(folder, path),
        (int folder, const char* path, int mode, int flags), (folder, path, mode, flags))
FORWARD(int, euidaccess, slow_path(AT_FDCWD, path), (const char* path, int mode), (path, mode))
FORWARD(ssize_t, getdents64, slow_fd(fd), (int fd, void* buffer, size_t size), (fd, buffer, size))
FORWARD(int, flock, slow_fd(fd), (int fd, int operation), (fd, operation))
FORWARD(ssize_t, getxattr, slow_path(AT_FDCWD, path),
        (const char* path, const char* name, void* to, size_t size), (path, name, to, size))
FORWARD(ssize_t, lgetxattr, slow_path(AT_FDCWD, path),
        (const char* path, const char* name, void* to, size_t size), (path, name, to, size))
FORWARD(ssize_t, fgetxattr, slow_fd(fd), (int fd, const char* name, void* to, size_t size),
        (fd, name, to, size))
