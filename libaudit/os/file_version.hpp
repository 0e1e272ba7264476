// The version of an open file, and its writers: for proofs that outlast the run.
#pragma once

#include "base/file_version.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

struct DatedVersion {
  FileVersion version;
  ChangeTimes times = ChangeTimes::none;
};

// As it is now. Errors: stat(2) or statfs(2) fails.
[[nodiscard]] Result<DatedVersion> version_of(const File& file);

// By a lease, which the kernel grants to the owner of the file, or to CAP_LEASE, while every
// process has it closed for writing and unmapped. The lease is released at once. Only for file
// systems of this machine alone (ChangeTimes::shown).
[[nodiscard]] Writers writers_of(const File& file);

}  // namespace hfaudit::os
