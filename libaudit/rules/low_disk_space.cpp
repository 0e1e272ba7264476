// # low-disk-space
//
// The revisions that are incomplete or being downloaded lack more bytes than the file system of the
// hub cache has free.
//
// Why it matters: the download will fail with a full disk, and leave partial files.
//
// Not raised: if the repos are complete, or the missing sizes are unknown without a listing.
//
// Causes: a disk that is full, or a quota that shows as free space.
#include "rules/check_home.hpp"

namespace hfaudit {

std::optional<Finding> check_space(std::uint64_t missing, std::optional<std::uint64_t> available,
                                   const std::string& path) {
  if (missing == 0 || !available || *available >= missing) return std::nullopt;
  const auto& info = info_of(FindingId::low_disk_space);
  Finding finding;
  finding.id = info.id;
  finding.severity = info.severity;
  finding.path = path;
  finding.message = "not enough disk space: " + human_bytes(missing) + " missing, " +
                    human_bytes(*available) + " free";
  finding.fix = info.fix;
  finding.details = {{std::string(detail_key::missing), missing},
                     {std::string(detail_key::free), *available}};
  return finding;
}

}  // namespace hfaudit
