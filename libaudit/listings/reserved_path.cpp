#include "listings/reserved_path.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace hfaudit {
namespace {

// U+200C to U+200F, U+202A to U+202E, U+206A to U+206F, U+FEFF: HFS+ ignores them in names. All of
// them have three bytes.
bool is_ignored_by_hfs(std::string_view bytes) {
  if (bytes.size() < 3) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (byte(0) == 0xEF) return byte(1) == 0xBB && byte(2) == 0xBF;
  if (byte(0) != 0xE2) return false;
  if (byte(1) == 0x80)
    return (byte(2) >= 0x8C && byte(2) <= 0x8F) || (byte(2) >= 0xAA && byte(2) <= 0xAE);
  return byte(1) == 0x81 && byte(2) >= 0xAA && byte(2) <= 0xAF;
}

// The component as file systems compare it: in lower case, without the code points that HFS+
// ignores.
std::string plain_name(std::string_view component) {
  std::string plain;
  while (!component.empty()) {
    const bool ignored = is_ignored_by_hfs(component);
    if (!ignored) plain += to_lower(component.front());
    component.remove_prefix(ignored ? 3 : 1);
  }
  return plain;
}

// On NTFS a name ends before a stream (`.git::$INDEX_ALLOCATION`), and spaces and dots at its end
// are ignored.
std::string_view without_ntfs_tail(std::string_view name) {
  name = name.substr(0, name.find(':'));
  while (name.size() > 1 && (name.back() == '.' || name.back() == ' '))
    name.remove_suffix(1);
  return name;
}

template <std::size_t count>
bool is_any(std::string_view component, const std::array<std::string_view, count>& names) {
  const auto plain = plain_name(component);
  const auto name = without_ntfs_tail(plain);
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The second of each pair is the short name that NTFS and FAT give it.
constexpr std::array<std::string_view, 2> git_names{".git", "git~1"};
constexpr std::array<std::string_view, 2> cache_names{".cache", "cache~1"};
constexpr std::array<std::string_view, 2> huggingface_names{"huggingface", "huggin~1"};
constexpr std::array<std::string_view, 5> client_names{".huggingface", "huggin~1", ".hfd",
                                                       ".hfaudit-quarantine", "hfaudi~1"};

std::string_view component_at(std::string_view path, std::size_t begin) {
  return path.substr(begin, path.find_first_of("/\\", begin) - begin);
}

}  // namespace

ReservedPart reserved_part_of(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto part = component_at(path, begin);
    if (is_any(part, git_names)) return {Reserved::git, part};
    if (is_any(part, client_names)) return {Reserved::client, part};
    const auto next = begin + part.size() + 1;
    const auto second = next <= path.size() ? component_at(path, next) : std::string_view{};
    if (is_any(part, cache_names) && is_any(second, huggingface_names))
      return {Reserved::client, path.substr(begin, part.size() + 1 + second.size())};
    begin = next;
  }
  return {};
}

bool may_name_ref(std::string_view component) {
  if (component.empty() || component.starts_with('.') || component.ends_with('.')) return false;
  if (component.ends_with(".lock") || component == "@") return false;
  if (component.find("..") != std::string_view::npos ||
      component.find("@{") != std::string_view::npos)
    return false;
  constexpr unsigned char first_printable = 0x20, last_control = 0x7f;
  constexpr std::string_view forbidden = " ~^:?*[\\";
  return std::none_of(component.begin(), component.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < first_printable || byte == last_control ||
           forbidden.find(c) != std::string_view::npos;
  });
}

}  // namespace hfaudit
