#include "os/processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <map>
#include <mutex>
#include <string_view>

#include "base/whole_number.hpp"

namespace hfaudit::os {

// A start token split into its parts: 128 bits of boot id above 64 bits of clock ticks.
struct StartToken {
  std::uint64_t boot_high = 0, boot_low = 0, ticks = 0;
};

namespace {

std::string read_text(const std::string& path, std::size_t limit = 1 << 20) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  std::array<char, 16 * 1024> piece;
  while (text.size() < limit) {
    const auto got = ::read(fd, piece.data(), piece.size());
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (!line.empty()) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return found;
}

std::optional<StartToken> parse_start_token(std::string_view decimal) {
  if (decimal.empty() || decimal.size() > 58) return std::nullopt;
  std::array<std::uint32_t, 6> limbs{};  // little end first: 192 bits
  for (const char digit : decimal) {
    if (digit < '0' || digit > '9') return std::nullopt;
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (auto& limb : limbs) {
      carry += std::uint64_t{limb} * 10;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) return std::nullopt;
  }
  const auto join = [&](std::size_t at) { return std::uint64_t{limbs[at + 1]} << 32U | limbs[at]; };
  return StartToken{join(4), join(2), join(0)};
}

std::optional<std::uint64_t> start_ticks(std::int64_t pid) {
  const auto text = read_text("/proc/" + std::to_string(pid) + "/stat", 4096);
  const auto after = text.rfind(')');  // the command may hold spaces and parentheses
  if (after == std::string::npos) return std::nullopt;
  const auto fields = words(std::string_view(text).substr(after + 1));
  return fields.size() > 19 ? whole_number<std::uint64_t>(fields[19]) : std::nullopt;
}

// This machine's name as filelock records it: outside the first PID namespace the namespace is part
// of the name, since a PID is only valid in its namespace.
std::string lock_host_name() {
  std::array<char, HOST_NAME_MAX + 1> raw{};
  if (::gethostname(raw.data(), raw.size() - 1) != 0) return {};
  std::string name(raw.data());
  constexpr ino_t first_namespace = 0xEFFFFFFC;
  struct stat status{};
  if (::stat("/proc/self/ns/pid", &status) == 0 && status.st_ino != first_namespace) {
    std::array<char, 17> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), status.st_ino, 16).ptr;
    name += "?pidns-" + std::string(hex.data(), end);
  }
  return name;
}

using Clock = std::chrono::steady_clock;
constexpr auto view_lasts = std::chrono::seconds(2);

}  // namespace

struct Processes::State {
  explicit State(PathPredicate predicate) : is_watched(predicate) {}

  const PathPredicate is_watched;
  std::mutex mutex;
  // a view older than this is stale in a scan of minutes
  Clock::time_point files_read, locks_read;
  bool host_read = false;
  std::map<FileKey, std::int64_t> writers;
  std::map<FileKey, std::int64_t> flocks;
  std::string host;
  StartToken boot;

  void refresh_files() {
    if (Clock::now() - files_read < view_lasts) return;
    writers.clear();
    read_files();
    files_read = Clock::now();
  }
  void refresh_locks() {
    if (Clock::now() - locks_read < view_lasts) return;
    flocks.clear();
    read_locks();
    locks_read = Clock::now();
  }
  void read_files();
  void read_process(std::int64_t pid);
  void read_locks();
  void read_host();
};

void Processes::State::read_files() {
  auto proc = Directory::open_root("/proc");
  if (!proc) return;
  std::vector<std::int64_t> pids;
  const auto listed = proc->list([&](const DirectoryEntry& entry) {
    if (const auto pid = whole_number<std::int64_t>(entry.name)) pids.push_back(*pid);
  });
  if (!listed) return;
  for (const auto pid : pids)
    read_process(pid);
}

void Processes::State::read_process(std::int64_t pid) {
  const auto root = "/proc/" + std::to_string(pid) + "/fd";
  auto files = Directory::open_root(root);
  if (!files) return;  // gone, or another user's
  std::vector<std::string> names;
  if (!files->list([&](const DirectoryEntry& entry) { names.emplace_back(entry.name); })) return;
  for (const auto& name : names) {
    const auto link = files->stat(name);  // the link's own mode bits show how the file was opened
    if (!link || (link->mode & S_IWUSR) == 0) continue;
    const auto path = files->read_link(name);
    if (!path || !is_watched(*path)) continue;
    const auto file = files->stat_target(name);
    if (file && file->type == FileType::regular) writers.emplace(file->key, pid);
  }
}

// Lines such as `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`; waiting ones have `->` after the
// number.
void Processes::State::read_locks() {
  const auto text = read_text("/proc/locks", 64 << 20);
  std::string_view rest(text);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto fields = words(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // Clients lock exclusively; a shared lock is a probe.
    if (fields.size() < 6 || fields[1] != "FLOCK" || fields[3] != "WRITE") continue;
    const auto pid = whole_number<std::int64_t>(fields[4]);
    const auto place = fields[5];
    const auto first = place.find(':');
    const auto second = place.find(':', first + 1);
    if (!pid || first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto major_number = whole_number<unsigned>(place.substr(0, first), 16);
    const auto minor_number =
        whole_number<unsigned>(place.substr(first + 1, second - first - 1), 16);
    const auto inode = whole_number<std::uint64_t>(place.substr(second + 1));
    if (major_number && minor_number && inode) {
      flocks.emplace(FileKey{makedev(*major_number, *minor_number), *inode}, *pid);
    }
  }
}

void Processes::State::read_host() {
  host_read = true;
  host = lock_host_name();
  auto id = read_text("/proc/sys/kernel/random/boot_id", 64);
  std::erase_if(id, [](char c) { return c == '-' || c == '\n'; });
  if (id.size() != 32) return;
  boot.boot_high = whole_number<std::uint64_t>(std::string_view(id).substr(0, 16), 16).value_or(0);
  boot.boot_low = whole_number<std::uint64_t>(std::string_view(id).substr(16), 16).value_or(0);
}

std::int64_t process_id() {
  return ::getpid();
}

Processes::Processes(PathPredicate is_watched) : state_(std::make_unique<State>(is_watched)) {}
Processes::~Processes() = default;

std::optional<Holder> Processes::writer_of(const FileKey& file) {
  const std::scoped_lock lock(state_->mutex);
  state_->refresh_files();
  const auto found = state_->writers.find(file);
  if (found == state_->writers.end()) return std::nullopt;
  return Holder{found->second, command_of(found->second)};
}

std::optional<Holder> Processes::flock_holder(const FileKey& file) {
  const std::scoped_lock lock(state_->mutex);
  state_->refresh_locks();
  const auto found = state_->flocks.find(file);
  if (found == state_->flocks.end()) return std::nullopt;
  const auto pid = found->second > 0 ? found->second : 0;
  return Holder{pid, command_of(pid)};
}

Tristate Processes::soft_holder_alive(std::int64_t pid, const std::string& host,
                                      const std::string& start_token) {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->host_read) state_->read_host();
  if (pid < 1 || pid > INT_MAX || host != state_->host) return Tristate::unknown;
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return Tristate::no;
  const auto recorded = parse_start_token(start_token);
  const auto current = start_ticks(pid);
  if (!recorded || !current) return Tristate::yes;
  const auto& boot = state_->boot;
  const bool comparable =
      (recorded->boot_high | recorded->boot_low) != 0 && (boot.boot_high | boot.boot_low) != 0;
  if (comparable &&
      (recorded->boot_high != boot.boot_high || recorded->boot_low != boot.boot_low)) {
    return Tristate::no;  // written before the last boot
  }
  // else: the PID has been used again
  return recorded->ticks == *current ? Tristate::yes : Tristate::no;
}

std::string Processes::command_of(std::int64_t pid) {
  if (pid < 1) return {};
  auto name = read_text("/proc/" + std::to_string(pid) + "/comm", 256);
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

}  // namespace hfaudit::os
