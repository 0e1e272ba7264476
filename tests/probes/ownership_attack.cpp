// Gives a cache back to its user, again and again, while that user does all they can to make root
// touch a file that lies elsewhere: for tests/cli/test_repair_root.py.
//
//   hfaudit-ownership-attack CACHE OUTSIDE UID ROUNDS [naive]
//
// CACHE/hub belongs to UID. OUTSIDE holds root's files `bait` and `dir/bait`, on the same file
// system, in a folder that UID may read. `naive`: in place of the library's, a give-back as a
// script would do it, to see that the attack works. Prints the number of attacks that were made;
// exits with 1 as soon as anything of OUTSIDE has changed.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "hfaudit/layout.hpp"
#include "repair/ownership.hpp"

namespace {

using namespace hfaudit;

struct State {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;
  off_t size = 0;

  bool operator==(const State&) const = default;
};

std::vector<State> states_of(const std::string& outside) {
  std::vector<State> states;
  for (const char* name : {"", "/bait", "/dir", "/dir/bait"}) {
    struct stat status{};
    ::lstat((outside + name).c_str(), &status);
    states.push_back({status.st_uid, status.st_gid, status.st_mode, status.st_size});
  }
  return states;
}

// All that the user can do to the names in hub/, for ever: a folder of bait becomes a link to the
// one outside, a file a link or a second name of root's file, and back; a link of root's stands in
// place of a repo.
[[noreturn]] void attack(const std::string& hub, const std::string& outside, int counter) {
  if (::chdir(hub.c_str()) != 0) ::_exit(1);
  for (unsigned long round = 0;; ++round) {
    (void)!::rename("dir", "real");
    (void)!::symlink((outside + "/dir").c_str(), "dir");
    (void)!::rename("bait", "held");
    (void)!::symlink((outside + "/bait").c_str(), "bait");
    (void)!::unlink("bait");
    if (::link((outside + "/bait").c_str(), "bait") == 0) (void)!::unlink("bait");
    (void)!::rename("held", "bait");
    (void)!::unlink("dir");
    (void)!::rename("real", "dir");
    if (::link((outside + "/bait").c_str(), "dir/second") == 0) (void)!::unlink("dir/second");
    (void)!::rename("link", "models--acme--evil");
    if (::link("models--acme--evil", "link") != 0) (void)!::rename("models--acme--evil", "link");
    const char mark = '.';
    if (round % 64 == 0) (void)!::write(counter, &mark, 1);
  }
}

// Root's file comes into the user's folder from one of root's own: no path of the user's is gone
// through.
void put_bait(int private_folder, int folder, const char* name) {
  const int fd = ::openat(private_folder, "new", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  ::close(fd);
  (void)!::renameat(private_folder, "new", folder, name);
}

// A link that root has left in the user's folder.
void put_link(const std::string& outside, int private_folder, int folder) {
  (void)!::unlinkat(private_folder, "new", 0);
  if (::symlinkat((outside + "/dir").c_str(), private_folder, "new") == 0)
    (void)!::renameat(private_folder, "new", folder, "link");
}

// What `chown -R` in a script amounts to: looks by name, and then acts by name.
void give_back_naively(const std::string& hub, uid_t uid) {
  for (const char* name : {"/bait", "/dir/bait"}) {
    struct stat status{};
    const auto path = hub + name;
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0)
      (void)!::chown(path.c_str(), uid, uid);
  }
}

int run(const std::string& cache, const std::string& outside, uid_t uid, int rounds, bool naive) {
  const auto hub = cache + "/hub";
  const int hub_fd = ::open(hub.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int dir_fd =
      ::open((hub + "/dir").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const int private_fd = ::open((outside + "/private").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::array<int, 2> pipe{};
  if (hub_fd < 0 || dir_fd < 0 || private_fd < 0 ||
      ::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return 2;
  const auto before = states_of(outside);

  const pid_t attacker = ::fork();
  if (attacker == 0) {
    if (::setgid(uid) != 0 || ::setuid(uid) != 0) ::_exit(1);
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after setuid(2), which clears it
    attack(hub, outside, pipe[1]);
  }
  Environment environment = system_environment();
  const auto layout = find_layout(environment, {cache, std::nullopt});
  const os::CacheUser user(uid, uid);
  unsigned long attacks = 0, given = 0;
  bool safe = true;
  for (int round = 0; round < rounds && safe; ++round) {
    put_bait(private_fd, hub_fd, "bait");
    put_bait(private_fd, dir_fd, "bait");
    put_link(outside, private_fd, hub_fd);
    if (naive) {
      give_back_naively(hub, uid);
    } else {
      const auto plan = plan_ownership(layout, {}, user);
      restore_ownership(layout, {}, user, plan.actions,
                        [&](const Action&, const ActionResult& result) {
                          given += result.outcome == Outcome::done ? 1 : 0;
                        },
                        {});
    }
    safe = states_of(outside) == before;
    std::array<char, 4096> marks{};
    const auto got = ::read(pipe[0], marks.data(), marks.size());
    attacks += got > 0 ? static_cast<unsigned long>(got) * 64 : 0;
  }
  ::kill(attacker, SIGKILL);
  ::waitpid(attacker, nullptr, 0);
  std::printf("%lu attacks, %lu given back\n", attacks, given);
  return safe ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  return run(argv[1], argv[2], static_cast<uid_t>(std::atoi(argv[3])), std::atoi(argv[4]),
             argc > 5);
}
