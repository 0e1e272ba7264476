// Names that other programs give to their copies and unfinished files beside those of a repo.
#include <algorithm>
#include <array>

#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/file_role.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] bool has_word(std::string_view text, std::string_view word) {
  std::string lower_case(text);
  std::transform(lower_case.begin(), lower_case.end(), lower_case.begin(), to_lower);
  return lower_case.find(word) != std::string::npos;
}

// Without what a program adds before the extension; as it is for any other stem.
[[nodiscard]] std::string_view without_copy_mark(std::string_view stem) {
  // Syncthing; ownCloud and Nextcloud
  for (const std::string_view mark : {".sync-conflict-", "_conflict-"}) {
    if (const auto at = stem.find(mark); at != std::string_view::npos) return stem.substr(0, at);
  }
  // browsers, Dropbox, Nextcloud, Google Drive
  if (stem.ends_with(')')) {
    const auto open = stem.rfind(" (");
    if (open == std::string_view::npos) return stem;
    const auto inner = stem.substr(open + 2, stem.size() - open - 3);
    const bool copy = is_decimal(inner) || has_word(inner, "copy") || has_word(inner, "conflict");
    return copy ? stem.substr(0, open) : stem;
  }
  // file managers of Windows and macOS
  for (const std::string_view mark : {" - Copy", " copy"}) {
    if (stem.ends_with(mark)) return stem.substr(0, stem.size() - mark.size());
  }
  // iCloud Drive
  const auto space = stem.rfind(' ');
  const bool second = space != std::string_view::npos && stem.size() - space <= 3 &&
                      is_decimal(stem.substr(space + 1));
  return second ? stem.substr(0, space) : stem;
}

}  // namespace

bool is_notes_name(std::string_view name) {
  const auto suffix = std::find_if(notes_suffixes.begin(), notes_suffixes.end(),
                                   [&](std::string_view one) { return name.ends_with(one); });
  if (suffix == notes_suffixes.end()) return false;
  const auto target = name.substr(0, name.size() - suffix->size());
  return *suffix == ".st" ? is_weight_file(target) : !target.empty();
}

std::string_view target_of_partial(std::string_view name) {
  if (is_notes_name(name)) return name.substr(0, name.rfind('.'));
  // .baiduyun.p.downloading, .downloading, .xltd: clouds and download managers of China
  constexpr std::array<std::string_view, 17> suffixes = {".part",
                                                         ".crdownload",
                                                         ".partial",
                                                         ".opdownload",
                                                         ".filepart",
                                                         ".!ut",
                                                         ".!qB",
                                                         ".download",
                                                         ".fdmdownload",
                                                         ".incomplete",
                                                         ".baiduyun.p.downloading",
                                                         ".downloading",
                                                         ".xltd",
                                                         ".dtapart",
                                                         ".bc!",
                                                         ".jc!",
                                                         ".downloadInProgress"};
  constexpr std::string_view lm_studio = "downloading_";
  for (const auto suffix : suffixes) {
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    auto target = name.substr(0, name.size() - suffix.size());
    if (suffix == ".part" && target.starts_with(lm_studio)) target.remove_prefix(lm_studio.size());
    return target;
  }
  return {};
}

bool is_possible_repo_name(std::string_view folder) {
  return std::all_of(folder.begin(), folder.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string original_of_repo_copy(std::string_view folder) {
  constexpr std::string_view before = "Copy of ";
  if (folder.starts_with(before)) return std::string(folder.substr(before.size()));
  const auto copied = without_copy_mark(folder);
  if (copied.size() < folder.size()) return std::string(copied);
  if (folder.ends_with('~')) return std::string(folder.substr(0, folder.size() - 1));
  auto stem = folder;
  while (!stem.empty() && is_decimal(stem.substr(stem.size() - 1)))
    stem.remove_suffix(1);  // .bak2
  for (const std::string_view suffix :
       {".bak", ".backup", ".orig", ".old", ".save", ".copy", ".tmp", "-bak", "_bak", "-backup",
        "_backup", ".partial", ".trash"}) {
    if (stem.ends_with(suffix)) return std::string(stem.substr(0, stem.size() - suffix.size()));
  }
  return {};
}

std::string original_of_copy(std::string_view path) {
  const auto name = last_component(path);
  const auto folder = path.substr(0, path.size() - name.size());
  const auto dot = name.rfind('.');
  const bool extended = dot != std::string_view::npos && dot > 0;
  const auto stem = extended ? name.substr(0, dot) : name;
  const auto extension = extended ? name.substr(dot) : std::string_view();
  auto original = without_copy_mark(stem);
  if (original.size() < stem.size() && !original.empty())
    return std::string(folder) + std::string(original) + std::string(extension);
  // behind the extension: `x.json (1)`
  original = without_copy_mark(name);
  if (original.size() < name.size() && !original.empty())
    return std::string(folder) + std::string(original);
  return {};
}

}  // namespace hfaudit
