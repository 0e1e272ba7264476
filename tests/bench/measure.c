// measure RUNS CMD [ARG...]: runs CMD so often, with its output thrown away, and prints a line a
// run: wall microseconds, user microseconds, system microseconds, peak memory in KiB, exit status.
// Small on purpose: a child's ru_maxrss is never less than what its parent had when it was started.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char** environ;

static long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  for (int run = atoi(argv[1]); run > 0; --run) {
    pid_t child;
    int status;
    struct rusage usage;
    const long start = microseconds();
    if (posix_spawnp(&child, argv[2], &files, NULL, argv + 2, environ) != 0) return 3;
    if (wait4(child, &status, 0, &usage) != child) return 3;
    const long wall = microseconds() - start;
    printf("%ld %ld %ld %ld %d\n", wall, usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec,
           usage.ru_stime.tv_sec * 1000000L + usage.ru_stime.tv_usec, usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
  }
  return 0;
}
