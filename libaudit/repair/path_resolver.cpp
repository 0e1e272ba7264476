#include "repair/path_resolver.hpp"

#include <algorithm>
#include <cerrno>

#include "hfaudit/identity.hpp"
#include "os/root_path.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

// The part of `path` below `root`; nullopt if it lies elsewhere.
std::optional<std::string> below_root(const std::string& path, const std::string& root) {
  if (root.empty() || !path.starts_with(root + "/")) return std::nullopt;
  return path.substr(root.size() + 1);
}

bool is_plain(std::string_view rest) {
  for (std::size_t begin = 0; begin <= rest.size();) {
    const auto end = std::min(rest.find('/', begin), rest.size());
    const auto part = rest.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

Result<OpenLocation> strictly_below(const os::Directory& root, std::string_view rest) {
  std::string name;
  auto folder = enter_folder_of(root, rest, Folders::existing, name);
  if (!folder) return tl::unexpected(folder.error());
  return OpenLocation{std::move(*folder), std::move(name)};
}

}  // namespace

std::string PathResolver::absolute(const std::string& path) const {
  if (path.starts_with('/')) return path;
  return path.empty() || path == "." ? layout_.hf_home.path : layout_.hf_home.path + "/" + path;
}

std::optional<std::string> PathResolver::below_hub(const std::string& path) const {
  return local_dir_ ? std::nullopt : below_root(absolute(path), layout_.hub_cache.path);
}

std::string PathResolver::repo_folder_of(const std::string& path) const {
  const auto rest = below_hub(path);
  if (!rest) return {};
  auto first = rest->substr(0, rest->find('/'));
  return parse_repo_folder(first) ? first : std::string();
}

Result<os::Directory> PathResolver::open_hub() const {
  return os::open_folder_at(layout_.hub_cache.path);
}

Result<os::Directory> PathResolver::open_repo(const std::string& folder) const {
  const auto hub = open_hub();
  if (!hub) return tl::unexpected(hub.error());
  return prefix_error(layout_.hub_cache.path, enter_moved(*hub, folder, Folders::existing));
}

Result<OpenLocation> PathResolver::find(const std::string& path) const {
  const auto full = absolute(path);
  const auto outside = [&] {
    return failure("find", full, "it is in no folder of this cache", EINVAL);
  };
  if (const auto folder = repo_folder_of(path); !folder.empty()) {
    const auto rest = below_hub(path)->substr(std::min(folder.size() + 1, below_hub(path)->size()));
    if (rest.empty())
      return open_hub().map(
          [&](os::Directory&& hub) { return OpenLocation{std::move(hub), folder}; });
    if (!is_plain(rest)) return outside();
    const auto repo = open_repo(folder);
    if (!repo) return tl::unexpected(repo.error());
    const auto first = rest.substr(0, rest.find('/'));
    const bool movable = first.size() < rest.size() && (first == "blobs" || first == "snapshots");
    if (!movable) return strictly_below(*repo, rest);
    const auto inner = enter_moved(*repo, first, Folders::existing);
    if (!inner) return tl::unexpected(inner.error());
    return strictly_below(*inner, std::string_view(rest).substr(first.size() + 1));
  }
  for (const auto* root : {&layout_.hub_cache, &layout_.xet_cache, &layout_.assets_cache,
                           &layout_.datasets_cache, &layout_.modules_cache, &layout_.hf_home}) {
    const auto rest = local_dir_ ? std::nullopt : below_root(full, root->path);
    if (!rest) continue;
    if (!is_plain(*rest)) return outside();
    const auto opened = os::open_folder_at(root->path);
    if (!opened) return tl::unexpected(opened.error());
    return strictly_below(*opened, *rest);
  }
  if (local_dir_) {
    const auto rest = below_root(full, *local_dir_);
    if (!rest || !is_plain(*rest)) return outside();
    const auto opened = os::open_folder_at(*local_dir_);
    if (!opened) return tl::unexpected(opened.error());
    return strictly_below(*opened, *rest);
  }
  // The roots themselves, and tokens that lie elsewhere: the user named these paths.
  const auto slash = full.rfind('/');
  for (const auto* known : {&layout_.token, &layout_.stored_tokens, &layout_.hub_cache,
                            &layout_.xet_cache, &layout_.hf_home}) {
    if (full != known->path || slash == std::string::npos || slash + 1 == full.size()) continue;
    auto opened = os::open_folder_at(slash == 0 ? "/" : full.substr(0, slash));
    if (!opened) return tl::unexpected(opened.error());
    return OpenLocation{std::move(*opened), full.substr(slash + 1)};
  }
  return outside();
}

}  // namespace hfaudit
