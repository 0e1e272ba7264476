#include "options/foreign_cache.hpp"

#include <string>

#include "hfaudit/layout.hpp"
#include "os/fs.hpp"
#include "os/privilege.hpp"

namespace hfaudit::cli {
namespace {

bool belongs_to_another(std::string path) {
  while (true) {
    const auto folder = os::Directory::open_root(path.empty() ? "." : path);
    if (folder) {
      const auto meta = folder->stat_self();
      return !meta || meta->uid != 0;
    }
    if (!os::is_absent(folder.error())) return true;  // a folder that is closed to root
    if (path.empty() || path == "/") return false;
    const auto slash = path.rfind('/');
    path.resize(slash == 0 ? 1 : slash == std::string::npos ? 0 : slash);
  }
}

}  // namespace

bool is_root_in_foreign_cache(const Arguments& arguments) {
  if (!os::is_root()) return false;
  // The commands that read a cache have these three.
  if (!find_option("--cache-dir")->commands.has(arguments.command())) return false;
  if (const auto local_dir = arguments.get<"--local-dir">()) return belongs_to_another(*local_dir);
  const Layout layout = find_layout(system_environment(),
                                    {arguments.get<"--hf-home">(), arguments.get<"--cache-dir">()});
  if (belongs_to_another(layout.hub_cache.path)) return true;
  return !arguments.get<"--cache-dir">() && belongs_to_another(layout.hf_home.path);
}

}  // namespace hfaudit::cli
