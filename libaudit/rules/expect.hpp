// From evidence to a manifest: which files one revision should have. Pure.
//
// A cached tree lists all of them. Indices and the numbering of shards say which of them belong
// together: the files that they name are wanted, unless the whole set is absent while another
// complete set of weights in the same folder is (a download with --exclude "*.bin" leaves
// pytorch_model.bin.index.json behind without its shards).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fnmatch.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "hfaudit/identity.hpp"
#include "listings/file_role.hpp"
#include "rules/manifest.hpp"

namespace hfaudit {

[[nodiscard]] Manifest expect(RepoType type, const Revision& revision,
                              const RevisionEvidence& evidence, const PathFilter& filter);

}  // namespace hfaudit
