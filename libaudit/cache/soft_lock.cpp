#include "cache/soft_lock.hpp"

#include <charconv>
#include <vector>

#include "base/text.hpp"

namespace hfaudit {
bool is_strict_sentinel(std::string_view text) {
  return text.find("filelock-strict-v1") != std::string_view::npos;
}

std::optional<SoftLock> parse_soft_lock(std::string_view text) {
  if (text.empty() || text.size() > 1024 || text.back() != '\n') return std::nullopt;
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 2 || lines.size() > 3 || !is_decimal(lines[0])) return std::nullopt;
  if (lines.size() == 3 && !is_decimal(lines[2])) return std::nullopt;
  SoftLock lock;
  const auto [end, error] =
      std::from_chars(lines[0].data(), lines[0].data() + lines[0].size(), lock.pid);
  if (error != std::errc{} || lock.pid < 1 || lock.pid > 0x7FFFFFFF) return std::nullopt;
  lock.host = lines[1];
  if (lines.size() == 3) lock.start_token = lines[2];
  return lock;
}

}  // namespace hfaudit
