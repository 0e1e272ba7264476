// What a pull is asked to download of one repo.
#pragma once

#include <string>
#include <vector>

#include "hfaudit/identity.hpp"

namespace hfaudit {

struct PullJob {
  RepoRequest repo;
  std::vector<std::string> names;  // paths or etags of its files, or folders ("unet/"); empty: what the patterns of
                                   // request.what accept
};

}  // namespace hfaudit
