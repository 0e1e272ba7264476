#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "fixture_files.hpp"

namespace hfaudit::fixture {
namespace {

// Decimal arithmetic on text, least digit first: the token has 192 bits.
void times_plus(std::string& digits, unsigned factor, unsigned carry) {
  for (char& digit : digits) {
    const unsigned value = static_cast<unsigned>(digit - '0') * factor + carry;
    digit = static_cast<char>('0' + value % 10);
    carry = value / 10;
  }
  for (; carry > 0; carry /= 10)
    digits += static_cast<char>('0' + carry % 10);
}

unsigned hex_value(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

std::string hex16(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4)
    text += "0123456789abcdef"[(value >> shift) & 0xfU];
  return text;
}

// (boot id << 64) | start time of `pid`, in decimal as filelock writes it; or one that differs in
// either part.
std::string start_token(pid_t pid, bool other_boot, bool other_time) {
  std::ifstream stat_file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat_line;
  std::getline(stat_file, stat_line);
  const auto name_end = stat_line.rfind(')');
  if (name_end == std::string::npos)
    throw std::runtime_error("no such process: " + std::to_string(pid));
  std::istringstream fields(stat_line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number)
    fields >> field;

  std::ifstream boot_file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  std::getline(boot_file, boot);
  std::erase(boot, '-');
  if (other_boot && !boot.empty()) boot.back() = boot.back() == '0' ? '1' : '0';
  std::string digits = "0";
  for (const char c : boot + hex16(std::stoull(field) + (other_time ? 1 : 0)))
    times_plus(digits, 16, hex_value(c));
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// A pid that no process has, from the top of the range: the kernel hands those out last.
pid_t dead_pid() {
  for (pid_t pid = 4194303; pid > 2; --pid) {
    if (kill(pid, 0) != 0 && errno == ESRCH) return pid;
  }
  throw std::runtime_error("every pid is in use");
}

}  // namespace

std::string soft_lock(pid_t pid, std::string_view host, std::string_view token) {
  std::string text = std::to_string(pid) + "\n" + std::string(host) + "\n";
  if (!token.empty()) text += std::string(token) + "\n";
  return text;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) throw std::runtime_error("gethostname");
  return name.data();
}

std::string soft_lock(const std::vector<std::string>& words, pid_t live) {
  std::string pid = "live", host = host_name(), token = "none";
  for (const std::string& word : words) {
    const auto colon = word.find(':');
    std::string& field = word.starts_with("pid:") ? pid : word.starts_with("host:") ? host : token;
    if (colon == std::string::npos) throw std::runtime_error("unexpected " + word);
    field = word.substr(colon + 1);
  }
  const pid_t holder = pid == "live"   ? live
                       : pid == "dead" ? dead_pid()
                                       : static_cast<pid_t>(std::stol(pid));
  std::string text = std::to_string(holder) + "\n" + host + "\n";
  if (token == "none") return text;
  return text + start_token(holder, token == "rebooted", token == "wrong") + "\n";
}

}  // namespace hfaudit::fixture
