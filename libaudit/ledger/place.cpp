#include "ledger/place.hpp"

#include "base/path.hpp"
#include "os/fs.hpp"
#include "os/privilege.hpp"

namespace hfaudit {
namespace {

// `.local/state/hfaudit` may be created, unlike the home above it.
bool has_home(const std::string& state) {
  std::string_view above = state;
  for (int i = 0; i < 3; ++i)
    above = parent_path(above);
  return !above.empty() && os::Directory::open_root(std::string(above)).has_value();
}

std::string state_by_user_database() {
  const auto home = system_environment().home_of("");
  return home && home->starts_with('/') ? *home + "/.local/state/hfaudit" : std::string();
}

// A verify keeps out of the cache, wherever the user's home lies.
bool is_within(std::string_view path, std::string_view folder) {
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::string ledger_folder(const Layout& layout, const LedgerRequest& request,
                          std::uint32_t cache_owner) {
  if (request.kind == LedgerKind::folder) return request.path;
  if (request.kind != LedgerKind::own) return {};
  const bool foreign = os::is_root() && cache_owner != os::effective_user();
  const auto state = foreign ? state_by_user_database() : layout.state.path;
  const bool in_cache =
      is_within(state, layout.hf_home.path) || is_within(state, layout.hub_cache.path);
  return state.empty() || in_cache || !has_home(state) ? std::string() : state + "/ledger";
}

}  // namespace hfaudit
