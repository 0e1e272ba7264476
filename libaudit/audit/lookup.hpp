// Other locations of an absent repo: another spelling, another type, another cache of this machine.
// Called only after a failed lookup.
#pragma once

#include <string>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"

namespace hfaudit {

// "did you mean Acme/Model-X?", "a copy lies in /data: use --cache-dir /data …"; else empty. Lists
// the hub cache and the folders where caches are known to lie.
[[nodiscard]] std::string find_elsewhere(const Layout& layout, const RepoId& repo);

// Why the hub cache is absent: "nothing was downloaded yet (from HF_HOME)", and where another cache
// is, if one is found.
[[nodiscard]] std::string absent_hub_in_words(const Layout& layout);

}  // namespace hfaudit
