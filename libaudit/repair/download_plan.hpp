// The downloads of a repair: all files of one commit are one action. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "repair/action.hpp"

namespace hfaudit {

class DownloadPlan {
 public:
  // A finding whose content the Hub has. `file`: its path in the repo; empty: only the blob is
  // known, or nothing, which asks for the whole repo. `whole` asks for that too.
  void add(const Finding& finding, const std::string& file, bool whole);

  [[nodiscard]] std::vector<Action> take();

 private:
  struct Download {
    Action action;
    bool whole = false;
    std::set<std::string> names;
    bool optional = true;         // of files that the Hub may lack
    std::set<std::string> blobs;  // whose bytes are counted: two files may have the same content
  };
  std::map<std::pair<RepoId, std::string>, Download> downloads_;  // by repo and revision
};

}  // namespace hfaudit
