// Makes one system call of a program fail, to test how the program handles it.
//
//   hfaudit-fault-injector --root DIR --log FILE [--call KIND --error ERRNO --at K [--mode MODE]]
//                          -- PROGRAM ARG...
//
// Only calls on paths and descriptors below DIR count. The K-th call of that kind (fault_calls.hpp
// lists the kinds) fails with that error, and so do later ones, by MODE:
//   once  none                          call  those of the same kind on the same path
//   path  all those on the same path    all   those of the same kind on any path
// Without --call nothing fails. The log is one JSON object: how many calls of each kind there were,
// and those that failed. The exit code is the program's own; 128 and its number after a signal.
//
// The kernel asks this process before each such call (seccomp user notification). LD_PRELOAD would
// miss the calls that libc makes for itself, those through syscall(2), and the static program.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fault_calls.hpp"
#include "fault_listener.hpp"

namespace {

using namespace faults;

struct Options {
  std::string root, log, call, mode = "once";
  int error = 0;
  unsigned long at = 0;
  char** program = nullptr;
};

[[noreturn]] void give_up(std::string_view why) {
  std::cerr << "hfaudit-fault-injector: " << why << '\n';
  std::exit(125);
}

int error_number(std::string_view name) {
  for (int number = 1; number < 134; ++number) {
    const char* known = ::strerrorname_np(number);
    if (known != nullptr && name == known) return number;
  }
  give_up("no such error: " + std::string(name));
}

Options parse(char** words) {
  Options options;
  for (++words; *words != nullptr; ++words) {
    const std::string_view word = *words;
    if (word == "--") {
      options.program = words + 1;
      break;
    }
    const char* value = *++words;
    if (value == nullptr) give_up("a value is missing");
    if (word == "--root")
      options.root = value;
    else if (word == "--log")
      options.log = value;
    else if (word == "--call")
      options.call = value;
    else if (word == "--error")
      options.error = error_number(value);
    else if (word == "--at")
      options.at = std::strtoul(value, nullptr, 10);
    else if (word == "--mode")
      options.mode = value;
    else
      give_up("unknown option " + std::string(word));
  }
  if (options.program == nullptr || *options.program == nullptr || options.root.empty())
    give_up(
        "usage: --root DIR --log FILE [--call KIND --error ERRNO --at K [--mode MODE]] -- PROGRAM");
  return options;
}

struct Failed {
  std::string call, path;
};

// The calls so far, and the fault.
class Plan {
 public:
  explicit Plan(const Options& options) : options_(options) {}

  // The error that this call gets; 0: it is carried out.
  int decide(const Call& call, const std::string& path) {
    const auto count = ++counts_[std::string(call.kind)];
    const bool same_kind = call.kind == options_.call;
    bool fails = same_kind && count == options_.at;
    if (fails)
      first_path_ = path;
    else if (!failed_.empty()) {
      const bool same_path = path == first_path_;
      fails = (options_.mode == "call" && same_kind && same_path) ||
              (options_.mode == "path" && same_path) || (options_.mode == "all" && same_kind);
    }
    if (fails) failed_.push_back({std::string(call.name), path});
    return fails ? options_.error : 0;
  }

  void write_log(int exit_code) const {
    std::ofstream log(options_.log);
    log << "{\"exit\": " << exit_code << ", \"counts\": {";
    const char* comma = "";
    for (const auto& [kind, count] : counts_) {
      log << comma << '"' << kind << "\": " << count;
      comma = ", ";
    }
    log << "}, \"failed\": [";
    comma = "";
    for (const auto& failed : failed_) {
      log << comma << "[\"" << failed.call << "\", \"" << failed.path << "\"]";
      comma = ", ";
    }
    log << "]}\n";
  }

 private:
  const Options& options_;
  std::map<std::string, unsigned long> counts_;
  std::vector<Failed> failed_;
  std::string first_path_;
};

// Answers until the program has ended; what it left running goes on without this process.
int serve(int listener, pid_t program, Plan& plan, const std::string& root) {
  int status = 0;
  for (;;) {
    pollfd ready{listener, POLLIN, 0};
    const int found = ::poll(&ready, 1, 20);
    if (found > 0 && (ready.revents & POLLIN) != 0) {
      answer(listener, root,
             [&](const Call& call, const std::string& path) { return plan.decide(call, path); });
    }
    const bool idle = found <= 0 || (ready.revents & POLLIN) == 0;
    if (idle && ::waitpid(program, &status, WNOHANG) == program) break;
    if ((ready.revents & POLLHUP) != 0 && ::waitpid(program, &status, 0) == program) break;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int main(int, char** words) {
  const Options options = parse(words);
  Plan plan(options);
  pid_t program = 0;
  const int listener = start_listening(options.program, program);
  if (listener < 0) give_up(std::string("seccomp: ") + std::strerror(errno));
  const int code = serve(listener, program, plan, options.root);
  plan.write_log(code);
  return code;
}
