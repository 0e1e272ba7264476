// The requested downloads of a pull, and their outcome.
#pragma once

#include <string>
#include <vector>

#include "cache/proven.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

struct PullJob {
  RepoRequest repo;
  // paths or etags of its files, or folders ("unet/"); empty: files that match the patterns of
  // request.what accept
  std::vector<std::string> names;
  bool optional = false;          // success even if the Hub lacks all of them
  std::vector<PullWord> words{};  // those that the listing has as paths are added to `names`
  std::string no_file_of{};       // the repo whose listing was searched for this name
};

struct PullOutcome {
  std::vector<Transfer> transfers;     // parallel to the jobs
  std::vector<bool> whole;             // the same: listed, and all of it is here
  std::vector<Unreadable> unreadable;  // failures that are invisible to the audit
  ProvenFiles proven;                  // hashed on the way
};

}  // namespace hfaudit
