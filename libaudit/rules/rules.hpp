// All rules. Each has a file of its own, named after its finding. The opening comment of that file
// is the manual: man/findings.py makes hfaudit-findings(7) from it. Rules are pure.
//
// A pass (check_*.cpp) walks over one kind of thing and applies the rules for it. One defect is
// reported once: where several rules apply, the pass prefers the one with the strongest evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/proven.hpp"
#include "formats/structure.hpp"
#include "rules/repo_check.hpp"

namespace hfaudit {

// The passes and the rules over a whole repo, in the order in which they run. Later ones rely on
// the states that earlier ones filled.
void check_ref_malformed(RepoCheck& c);
void check_ref_moved(RepoCheck& c);
void check_unlocked_files(RepoCheck& c);
void check_detached_revision(RepoCheck& c);
void check_stale_no_exist(RepoCheck& c);
void check_partials(RepoCheck& c);
void check_entries(RepoCheck& c);
void check_content(RepoCheck& c);
void check_files(RepoCheck& c);
void check_named(RepoCheck& c);
void check_digests(RepoCheck& c);
void check_locks(RepoCheck& c);
void check_orphan_blob(RepoCheck& c);
void check_temp_debris(RepoCheck& c);
void check_unrecognized_entry(RepoCheck& c);
void check_tree_malformed(RepoCheck& c);
void check_access(RepoCheck& c);
// check_access: adds the owner of the entry, and the group that shares the cache, for the repair.
void add_sharing(const RepoCheck& c, const FileInfo& meta, Finding& finding);
void check_unreachable_repo(RepoCheck& c);
void check_empty_repo(RepoCheck& c);

// check_partials: a partial file, and one revision that wants it.
struct Want {
  RevisionState* state = nullptr;      // null: unwanted
  const ExpectedFile* file = nullptr;  // the file that it is to become, where a tree lists it
};
// its path; empty if unknown
[[nodiscard]] std::string file_wanted(const Partial& partial, const Want& want);
[[nodiscard]] std::string progress_of(const Partial& partial, const ExpectedFile* file);
void raise_incomplete_download(RepoCheck& c, const Partial& partial, const Want& want);
// or stalled-download
void raise_download_in_progress(RepoCheck& c, const Partial& partial, const Want& want);
void raise_orphan_partial(RepoCheck& c, const Partial& partial, const std::string& why,
                          bool blob_is_complete = false);

// check_entries: an entry without content of its own.
void raise_dangling_entry(RepoCheck& c, RevisionState& state, const Entry& entry);
void raise_lost_link(RepoCheck& c, RevisionState& state, const Entry& entry);
void raise_entry_to_partial(RepoCheck& c, RevisionState& state, const Entry& entry);
void raise_escaping_entry(RepoCheck& c, RevisionState& state, const Entry& entry);
void raise_special_file(RepoCheck& c, RevisionState& state, const Entry& entry);
void raise_escaping_blob(RepoCheck& c, RevisionState& state, const Entry& entry, const Blob& blob);
void raise_shared_blob_broken(RepoCheck& c, RevisionState& state, const Entry& entry,
                              const Blob& blob);
// Adds the link's text and, where the content is here under another name, the repair by a new link.
void add_relink(RepoCheck& c, const RevisionState& state, const Entry& entry, Finding& finding);

// check_content: a file that is here, and the facts on its expected content.
struct FileFacts {
  const Entry& entry;
  const ExpectedFile* expected = nullptr;  // in the manifest
  const Structure* structure = nullptr;    // by its own header
  [[nodiscard]] bool has_known_size() const {
    return expected != nullptr && expected->size.has_value() && !expected->editable;
  }
  [[nodiscard]] bool has_right_size() const {
    return expected != nullptr && expected->size && *expected->size == entry.meta.size;
  }
  // Whether the listing outweighs the file's own header.
  [[nodiscard]] bool is_outweighed() const {
    return structure != nullptr && structure->outweighed_by_size && has_right_size();
  }
};
// Each returns whether the file is explained; if so, the next rules are skipped.
bool check_lfs_pointer(RepoCheck& c, RevisionState& state, const FileFacts& file);
bool check_not_the_content(RepoCheck& c, RevisionState& state, const FileFacts& file);
bool check_size_mismatch(RepoCheck& c, RevisionState& state, const FileFacts& file);
bool check_truncated_file(RepoCheck& c, RevisionState& state, const FileFacts& file);
void check_unusable_index(RepoCheck& c, RevisionState& state);  // not-the-content
Finding& raise_wrong_content(RepoCheck& c, RevisionState& state, FindingId id, const Entry& entry,
                             std::string message);
[[nodiscard]] std::string size_and_expected(std::uint64_t size, std::uint64_t expected);

// check_files: a file that is absent.
[[nodiscard]] bool has_entry(const RevisionState& state, std::string_view path);
[[nodiscard]] bool is_shard(const ExpectedFile& file);
void check_unlinked_blobs(RepoCheck& c, RevisionState& state);  // missing-file
// nothing-here, empty-snapshot, ref-dangling
void check_nothing_here(RepoCheck& c, RevisionState& state);
// lost-link of a revision without entries; whether it was raised
bool check_lost_snapshot(RepoCheck& c, RevisionState& state);
void check_lost_repo(RepoCheck& c);  // lost-link of a repo without revisions
void check_wrong_targets(RepoCheck& c, RevisionState& state);  // missing-shard, missing-file
void check_lock_evidence(RepoCheck& c, RevisionState& state);
void check_unattributed_download(RepoCheck& c, RevisionState& state);
[[nodiscard]] bool is_only_evidence(const RepoCheck& c, const Lock& lock);
void check_missing_weights(RepoCheck& c, RevisionState& state);
// The repair by a new link, if the content of an absent file is here.
void add_blob_here(const RepoCheck& c, const RevisionState& state, const ExpectedFile& file,
                   Finding& finding);
void raise_missing_shard(RepoCheck& c, const RevisionState& state, const ExpectedFile& file);
void raise_missing_file(RepoCheck& c, const RevisionState& state, const ExpectedFile& file);

// check_named: files that the repo's own files name and that are absent.
void check_missing_components(RepoCheck& c, RevisionState& state);  // missing-weights
void check_missing_code(RepoCheck& c, const RevisionState& state);
void check_missing_dependency(RepoCheck& c, const RevisionState& state);

// check_digests: a file, and the claims on its hash.
struct Subject {
  std::string path;  // relative to the repo folder
  std::string name;
  RevisionState* state = nullptr;  // null for an unused blob
  std::string payload{};           // in the hub cache, if the bytes lie in the shared store
  bool foreign = false;  // a link leads out of the folder: the hash of its content stays private
};
[[nodiscard]] std::string name_of_source(ClaimSource source);
// Of a finding by a file's own header, whose hash turned out to be right.
[[nodiscard]] bool is_structural(FindingId id);
void turn_into_damaged_on_hub(Finding& finding);
// All such findings of files whose hash a download or a check of it found to be right.
void name_damage_of_hub(std::vector<Finding>& findings, const ProvenFiles& proven);
void raise_unverifiable(RepoCheck& c, const Subject& subject);
void raise_digest_mismatch(RepoCheck& c, const Subject& subject, const Claim& claim,
                           const ContentRead& read);
void raise_conflicting_digests(RepoCheck& c, const Subject& subject, const Claim& strong,
                               const Claim& weak);

// check_locks: a free lock.
[[nodiscard]] bool blocks_clients(const RepoCheck& c, const Lock& lock);
// by its mode rather than its existence
[[nodiscard]] bool keeps_clients_out(const RepoCheck& c, const Lock& lock);
void raise_stale_lock(RepoCheck& c, const Lock& lock, std::size_t more = 0);
void raise_idle_lock(RepoCheck& c, const std::vector<const Lock*>& locks);

// foreign-owner, no-access: of files that the cache's user has to read.
void check_access_to(RepoCheck& c, const std::vector<ExtraEntry>& files);

}  // namespace hfaudit
