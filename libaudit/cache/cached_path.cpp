// Paths in a cache, as users paste them in place of a REPO.
#include "base/path.hpp"
#include "hfaudit/identity.hpp"

namespace hfaudit {
std::optional<CachedPath> parse_cached_path(std::string_view path) {
  constexpr std::string_view file_scheme = "file://";
  if (path.starts_with(file_scheme)) path.remove_prefix(file_scheme.size());
  const auto parts = components(path);
  std::size_t at = 0;
  while (at < parts.size() && !parse_repo_folder(parts[at]))
    ++at;
  if (at == parts.size()) return std::nullopt;
  CachedPath cached;
  cached.request.repo = *parse_repo_folder(parts[at]);
  cached.hub = path.substr(0, static_cast<std::size_t>(parts[at].data() - path.data()));
  constexpr std::string_view locks = ".locks/";
  if (cached.hub.ends_with(locks)) cached.hub.resize(cached.hub.size() - locks.size());
  while (cached.hub.size() > 1 && cached.hub.ends_with('/'))
    cached.hub.pop_back();
  if (at + 2 >= parts.size() || parts[at + 2].empty()) return cached;
  const std::string_view kind = parts[at + 1];
  std::string revision(parts[at + 2]);
  if (kind == "refs") {
    for (std::size_t i = at + 3; i < parts.size() && !parts[i].empty(); ++i)
      revision.append("/").append(parts[i]);
  }
  constexpr std::string_view json = ".json";
  if (kind == "trees" && revision.ends_with(json)) revision.resize(revision.size() - json.size());
  if (kind == "snapshots" || kind == "refs" || kind == "trees" || kind == ".no_exist")
    cached.request.revision = std::move(revision);
  return cached;
}

bool is_path_like(std::string_view text) {
  if (text == "." || text == ".." || text.starts_with('~')) return true;
  for (const std::string_view start : {"/", "./", "../", "file://"}) {
    if (text.starts_with(start)) return true;
  }
  // "--" is invalid in a name, so that a repo folder with more around it can only be a path.
  text = text.substr(0, text.find('@'));
  const auto slash = text.find('/');
  return slash < text.size() - 1 && parse_cached_path(text).has_value();
}

}  // namespace hfaudit
