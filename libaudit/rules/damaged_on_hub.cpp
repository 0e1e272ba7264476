// # damaged-on-hub
//
// A file is truncated-file, not-the-content or lfs-pointer by its own header, and its hash is the
// one that the Hub, the cached listing or the blob's name gives: it was uploaded like that. Only
// hfaudit-verify(1), hfaudit-pull(1) and hfaudit-repair(1) read the content and can say so;
// hfaudit-scan(1) raises the other finding.
//
// Why it matters: the model does not load, and a second download brings the same bytes. The owner
// of the repo has to upload the file again; until then use an older revision.
//
// Not raised: if the expected hash of the file is unknown.
//
// Causes: an upload that broke off, a repo of git LFS to which the pointers were pushed without the
// content.
#include "rules/finding_facts.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

bool is_structural(FindingId id) {
  return id == FindingId::truncated_file || id == FindingId::not_the_content ||
         id == FindingId::lfs_pointer;
}

void turn_into_damaged_on_hub(Finding& finding) {
  finding.id = FindingId::damaged_on_hub;
  finding.fix = fix::none;
  finding.message +=
      "; its checksum matches, so it is broken on the Hub too, and another download would not help";
}

void name_damage_of_hub(std::vector<Finding>& findings, const ProvenFiles& proven) {
  for (auto& finding : findings) {
    const auto& seen = finding.seen;
    if (seen && is_structural(finding.id) &&
        proven.holds({seen->device, seen->inode}, seen->mtime_ns))
      turn_into_damaged_on_hub(finding);
  }
}

}  // namespace hfaudit
