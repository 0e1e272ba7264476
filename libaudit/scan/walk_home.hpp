// The entries around the repos: the hub folder itself, the shared blob store, xet, datasets,
// tokens.
#pragma once

#include <string>
#include <vector>

#include "cache/home.hpp"
#include "hfaudit/layout.hpp"
#include "os/processes.hpp"
#include "os/users.hpp"

namespace hfaudit {

struct HomeContext {
  const Layout& layout;
  const os::CacheUser& user;
  os::Processes& processes;
  std::int64_t now_ns = 0;
};

// The hub folder: its repo folders, and the entries beside them. `hub` is open on layout.hub_cache.
void walk_hub(const HomeContext& context, const os::Directory& hub, HomeInventory& out);

// The partial files that lie in the hub folder itself and in its `tmp`, by their paths below it:
// huggingface_hub before 0.23 and hf-hub 0.3 download there, under anonymous names.
[[nodiscard]] std::vector<Partial> find_hub_partials(const HomeContext& context,
                                                     const os::Directory& hub);

// The same, from the results of walk_hub().
[[nodiscard]] std::vector<Partial> hub_partials_of(const HomeContext& context,
                                                   const HomeInventory& found);

// Only the folders on the way to a repo: the hub and its `.locks`.
void note_access(const HomeContext& context, const os::Directory& hub, HomeInventory& out);

// xet, datasets, modules, assets, tokens.
void walk_home(const HomeContext& context, HomeInventory& out);

// Is `<hub>/blobs` the clients' shared store? It is by its marker; any other folder of that name is
// ignored.
[[nodiscard]] bool is_shared_store(const os::Directory& hub);

// Does `path` lie in the home itself, as a folder rather than by a link? A user who shares the hub
// then has to let others enter the home.
[[nodiscard]] bool is_folder_of_home(const Layout& layout, const std::string& path);

// Relative to HF_HOME where `path` lies in it, else as it is.
// Where `path` is HF_HOME itself: ".".
[[nodiscard]] std::string within_home(const Layout& layout, const std::string& path);

}  // namespace hfaudit
