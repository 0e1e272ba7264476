// Slow storage by LD_PRELOAD: each read of 64 KiB or more at a given offset takes longer.
//
//   cc -shared -fPIC -O2 -o slow_reads.so slow_reads.c -ldl -lpthread
//   SLOW_READS_US=20000 LD_PRELOAD=./slow_reads.so hfaudit verify
//
// A distant server: readers wait side by side. With SLOW_READS_ONE_HEAD, a disk that turns: one
// reads at a time, and it takes five times as long where the last one read another file.
// SLOW_READS_EIO: reads that reach so far into a file fail. io_setup(2) is refused, so that all
// reads come by here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long delay_us;
static long long broken_at = -1;
static int one_head, last_fd = -1;
static pthread_mutex_t head = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char* text = getenv("SLOW_READS_US");
  delay_us = text ? atol(text) : 0;
  text = getenv("SLOW_READS_EIO");
  if (text) broken_at = atoll(text);
  one_head = getenv("SLOW_READS_ONE_HEAD") != NULL;
}

static void wait_us(long microseconds) {
  const struct timespec delay = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&delay, NULL);
}

static void wait_for_storage(int fd, size_t size) {
  if (size < 65536 || delay_us == 0) return;
  if (!one_head) {
    wait_us(delay_us);
    return;
  }
  pthread_mutex_lock(&head);
  wait_us(last_fd == fd ? delay_us : 5 * delay_us);
  last_fd = fd;
  pthread_mutex_unlock(&head);
}

#define PREAD(name, offset_type)                                                            \
  ssize_t name(int fd, void* to, size_t size, offset_type offset) {                         \
    static ssize_t (*next)(int, void*, size_t, offset_type);                                \
    if (!next) next = (ssize_t(*)(int, void*, size_t, offset_type))dlsym(RTLD_NEXT, #name); \
    wait_for_storage(fd, size);                                                             \
    if (broken_at >= 0 && offset + (long long)size > broken_at && size >= 4096) {           \
      errno = EIO;                                                                          \
      return -1;                                                                            \
    }                                                                                       \
    return next(fd, to, size, offset);                                                      \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

long syscall(long number, ...) {
  static long (*next)(long, ...);
  if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  if (number == SYS_io_setup) {
    errno = EPERM;
    return -1;
  }
  va_list list;
  va_start(list, number);
  long word[6];
  for (int i = 0; i < 6; ++i)
    word[i] = va_arg(list, long);
  va_end(list);
  return next(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}
