#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <vector>

#include "hfaudit/layout.hpp"

namespace hfaudit {
namespace {

std::optional<std::string> variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

std::optional<std::string> home_of(std::string_view user) {
  const std::string name{user};
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(1024);
  const auto look_up = [&] {
    return name.empty() ? ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found)
                        : ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  };
  constexpr std::size_t most_home_bytes = 1U << 20U;
  while (look_up() == ERANGE && buffer.size() < most_home_bytes)
    buffer.resize(buffer.size() * 2);
  if (found == nullptr || found->pw_dir == nullptr) return std::nullopt;
  return found->pw_dir;
}

// Empty where the folder has been removed, or its path is too long: relative paths are impossible
// then.
std::string working_directory() {
  std::array<char, PATH_MAX> buffer{};
  return ::getcwd(buffer.data(), buffer.size()) == nullptr ? "" : buffer.data();
}

}  // namespace

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Environment system_environment() {
  return {variable, home_of, working_directory(), variable_names};
}

}  // namespace hfaudit
