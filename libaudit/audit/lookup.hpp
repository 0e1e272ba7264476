// Where else a repo could be that is not where it was looked for: in another spelling, of another
// type, in another cache of this machine. Asked only once a lookup has failed.
#pragma once

#include <string>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"

namespace hfaudit {

// "did you mean Acme/Model-X?", "a copy lies in /data: use --cache-dir /data …"; empty: nothing was
// found. Lists the hub cache and the folders where caches are known to lie.
[[nodiscard]] std::string find_elsewhere(const Layout& layout, const RepoId& repo);

// Why there is no hub cache: "nothing was downloaded yet (from HF_HOME)", and where another cache
// is, as far as that can be seen.
[[nodiscard]] std::string absent_hub_in_words(const Layout& layout);

}  // namespace hfaudit
