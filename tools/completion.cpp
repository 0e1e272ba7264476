// hfaudit completion: the completions of shells, and the names of repos for them.
#include <algorithm>
#include <string>
#include <vector>

#include "commands.hpp"
#include "completion/scripts.hpp"
#include "hfaudit/identity.hpp"
#include "messages.hpp"
#include "os/fs.hpp"
#include "requests.hpp"

namespace hfaudit::cli {
namespace {

// A folder may have any name, and the names printed here end up on a command line. The Hub's names
// consist of these.
bool is_plain(std::string_view name) {
  static constexpr std::string_view others = "-_./";
  return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
}

// From the names of the folders alone. An unreadable cache counts as empty.
std::vector<std::string> repo_names(const std::string& hub) {
  std::vector<std::string> names;
  const auto folder = os::Directory::open_root(hub);
  if (!folder) return names;
  (void)folder->list([&names](const os::DirectoryEntry& entry) {
    const auto repo = parse_repo_folder(entry.name);
    if (repo && is_plain(repo->name())) names.push_back(repo->name());
  });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

ExitCode run_completion(const Arguments& arguments) {
  const auto shell = arguments.get<"SHELL">();
  if (arguments.get<"--repos">()) {
    if (shell) return usage_error("--repos excludes the name of a shell");
    std::string text;
    for (const std::string& name : repo_names(layout_of(arguments).hub_cache.path))
      text += name + "\n";
    return print(text);
  }
  if (!shell) return usage_error("completion needs the name of a shell: bash, zsh or fish");
  return print(*shell == "bash"  ? bash_completion()
               : *shell == "zsh" ? zsh_completion()
                                 : fish_completion());
}

}  // namespace hfaudit::cli
