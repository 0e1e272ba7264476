#include "hfaudit/identity.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace hfaudit {
namespace {

constexpr std::array repo_types{RepoType::model, RepoType::dataset, RepoType::space,
                                RepoType::kernel};
constexpr std::string_view folder_separator = "--";

bool is_lower_hex(std::string_view text, std::size_t length) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == length && std::all_of(text.begin(), text.end(), hex);
}

// Every part between separators; an empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

bool is_usable_part(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && part.find('/') == std::string_view::npos;
}

}  // namespace

std::string_view to_string(RepoType type) {
  switch (type) {
    case RepoType::model:
      return "model";
    case RepoType::dataset:
      return "dataset";
    case RepoType::space:
      return "space";
    case RepoType::kernel:
      return "kernel";
  }
  return "model";
}

std::optional<RepoType> parse_repo_type(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  for (const RepoType type : repo_types) {
    if (text == to_string(type)) return type;
  }
  return std::nullopt;
}

std::string RepoId::name() const {
  return type == RepoType::model ? id : std::string(to_string(type)) + "s/" + id;
}

std::string RepoId::folder() const {
  std::string name{to_string(type)};
  name += 's';
  for (const std::string_view part : split(id, "/"))
    name.append(folder_separator).append(part);
  return name;
}

std::optional<RepoId> parse_repo_folder(std::string_view folder) {
  const std::size_t at = folder.find(folder_separator);
  if (at == std::string_view::npos || !folder.substr(0, at).ends_with('s')) return std::nullopt;
  const auto type = parse_repo_type(folder.substr(0, at));
  if (!type) return std::nullopt;

  RepoId repo{*type, {}};
  for (const std::string_view part :
       split(folder.substr(at + folder_separator.size()), folder_separator)) {
    if (!is_usable_part(part)) return std::nullopt;
    if (!repo.id.empty()) repo.id += '/';
    repo.id += part;
  }
  return repo;
}

bool is_commit_hash(std::string_view text) {
  return is_lower_hex(text, 40);
}
bool is_sha256(std::string_view text) {
  return is_lower_hex(text, 64);
}

}  // namespace hfaudit
