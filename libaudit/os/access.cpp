#include "os/access.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>

#include "os/users.hpp"

namespace hfaudit::os {
namespace {

bool leads_nowhere(int code) {
  return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

std::string link_text(const std::string& path) {
  std::array<char, PATH_MAX> text;
  const auto length = ::readlink(path.c_str(), text.data(), text.size());
  return length < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(length));
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string in_words(const std::string& path, unsigned links) {
  constexpr unsigned most_links = 16;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) return owner_and_mode(status);
  if (::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode) && links < most_links) {
    const auto target = link_text(path);
    const bool absolute = target.starts_with('/');
    return in_words(absolute ? target : parent_of(path) + "/" + target, links + 1);
  }
  for (std::string above = parent_of(path);; above = parent_of(above)) {
    if (::stat(above.c_str(), &status) == 0) return above + ": " + owner_and_mode(status);
    if (above == "/") return {};
  }
}

}  // namespace

std::optional<DeadLink> find_dead_link(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    struct stat status{};
    if (::lstat(prefix.c_str(), &status) != 0) return std::nullopt;
    if (S_ISLNK(status.st_mode) && ::stat(prefix.c_str(), &status) != 0) {
      if (!leads_nowhere(errno)) return std::nullopt;
      return DeadLink{prefix, link_text(prefix)};
    }
    if (end == std::string::npos) return std::nullopt;
  }
}

std::string owner_and_mode(const struct stat& status) {
  std::array<char, 8> mode{};
  (void)std::snprintf(mode.data(), mode.size(), "%04o",
                      static_cast<unsigned>(status.st_mode & 07777U));
  return "owner " + user_name(status.st_uid) + ", mode " + mode.data();
}

std::string denied_in_words() {
  return std::generic_category().message(EACCES);
}

std::string access_in_words(const std::string& path) {
  return path.starts_with('/') ? in_words(path, 0) : std::string();
}

}  // namespace hfaudit::os
