// From a path in a report to an open folder and a name in it: a repair reaches its targets by them.
//
// Only the roots that the layout names are followed where they are links, and, as everywhere, a
// repo folder and its `blobs` and `snapshots` that were moved (as root only within the rules of
// store/files.hpp). Other links are refused.
#pragma once

#include <optional>
#include <string>

#include "hfaudit/layout.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct OpenLocation {
  os::Directory folder;
  std::string name;
};

class PathResolver {
 public:
  // `local_dir`: paths lie in it rather than in the cache.
  PathResolver(const Layout& layout, std::optional<std::string> local_dir)
      : layout_(layout), local_dir_(std::move(local_dir)) {}

  // `path` as Finding::path has it. Errors: outside all roots; ENOENT; a link or a file in the way.
  [[nodiscard]] Result<OpenLocation> find(const std::string& path) const;
  // The repo folder of a path in the hub cache; "" outside of all repos.
  [[nodiscard]] std::string repo_folder_of(const std::string& path) const;
  [[nodiscard]] Result<os::Directory> open_hub() const;
  [[nodiscard]] Result<os::Directory> open_repo(const std::string& folder) const;
  [[nodiscard]] const std::optional<std::string>& local_dir() const { return local_dir_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }

 private:
  [[nodiscard]] std::string absolute(const std::string& path) const;
  [[nodiscard]] std::optional<std::string> below_hub(const std::string& path) const;

  const Layout& layout_;
  std::optional<std::string> local_dir_;
};

}  // namespace hfaudit
