// Which files of a snapshot this process may read, found by trying.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"

namespace hfaudit {

// Only a loader asks for them: config.json, and tokenizer_config.json there and in the folders of the
// first level.
enum class Texts : std::uint8_t { none, of_tokenizers };

// The files of a snapshot, as this process can read them.
struct SnapshotState {
  bool exists = false;
  std::vector<std::string> files;  // readable, by path
  // present but closed to this process; or dead links
  std::vector<std::string> unreadable;
  // by path, where they were asked for
  std::map<std::string, std::string> texts;
};

[[nodiscard]] SnapshotState see_snapshot(const Layout& layout, const RepoId& repo,
                                         const std::string& commit, Texts texts);

// Of a --local-dir: the folder is the snapshot, but for the client's notes and git's own.
[[nodiscard]] SnapshotState see_folder(const std::string& path, Texts texts);

}  // namespace hfaudit
