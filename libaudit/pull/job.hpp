// The requested download of one repo.
#pragma once

#include <string>
#include <vector>

#include "hfaudit/identity.hpp"

namespace hfaudit {

struct PullJob {
  RepoRequest repo;
  // paths or etags of its files, or folders ("unet/"); empty: files that match the patterns of
  // request.what accept
  std::vector<std::string> names;
  bool optional = false;  // it is no failure if the Hub has none of them
};

}  // namespace hfaudit
