// The rules: each looks at one repo's inventory and evidence and raises findings. Pure; one rule a file.
//
// A rule never undoes what another said. Where one damage could be told in two ways, the rule whose evidence is
// stronger tells it: see the comment at each.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/content.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "hfaudit/finding.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"
#include "rules/expect.hpp"
#include "rules/manifest.hpp"

namespace hfaudit {

struct CheckContext {
  std::uint32_t user_id = 0;
  std::string user_name;
  std::string owner;          // "user:group", to give things back to
  bool shared_cache = false;  // the hub folder lets the group or everybody write: many users' files side by side
  std::int64_t now_ns = 0;
  std::int64_t stalled_after_ns = 600LL * 1'000'000'000;
  PathFilter filter;
  std::string asked_revision;  // the commit that was asked for by itself; empty for all
  bool local_dir = false;
  bool moving = false;                  // two looks a moment apart differed: some process is at work here
  bool verifying = false;               // content is to be checked: say what cannot be
  const ContentReads* reads = nullptr;  // what reading gave so far
};

// What the rules learn about one revision on the way to its verdict.
struct RevisionState {
  const Revision* revision = nullptr;
  const RevisionEvidence* evidence = nullptr;
  Manifest manifest;
  std::vector<std::string> refs;
  bool detached = false;    // no ref names it, one names another, and nobody asked for it
  bool live = false;        // a process is downloading it
  bool incomplete = false;  // a wanted file is absent or only partly there
  bool corrupt = false;     // content is proven wrong
  bool unread = false;      // some content could not be read: neither good nor corrupt
  bool wanted_partial = false;
  bool whole_wanted = false;  // something shows that all files were: a partial or a dangling entry beside the rest
  bool nothing_told = false;  // nothing-here was raised, and speaks for every file
  std::set<std::string> begun;        // files whose lock shows that a client began to fetch them
  bool hollow = false;                // nothing of it is here, and nobody says that there should be
  std::vector<std::string> missing;   // wanted paths that are absent
  std::vector<std::string> unwanted;  // absent ones that nothing wanted
};

class Case {
 public:
  Case(const RepoInventory& repo, const Evidence& evidence, const CheckContext& context);

  const RepoInventory& repo;
  const Evidence& evidence;
  const CheckContext& context;
  std::vector<RevisionState> states;  // what was asked for first, then what refs name, then the rest
  std::vector<Finding> findings;
  std::vector<Blind> unread;         // content that could not be read, and why
  std::vector<bool> used_blobs;      // by number: some entry leads there
  std::vector<bool> unlinked_blobs;  // wanted by a tree, used by no entry: no orphans

  // Raises a finding at `path` (relative to the repo folder). In a detached revision an error becomes a warning.
  Finding& raise(FindingId id, const std::string& path, std::string message, const RevisionState* state = nullptr);

  [[nodiscard]] std::string place(const RevisionState& state, std::string_view entry) const;
  // A path relative to the repo folder (or, behind "//", to the hub) as it stands in a Finding.
  [[nodiscard]] std::string full_path(const std::string& path) const;
  // May absence be told as damage? Not where some folder could not be looked into.
  [[nodiscard]] bool absence_counts() const { return !repo.blind_folder; }
  // The blob that the file's entry should lead to, if its content is here in the right size: the one that the tree
  // names, else the one that the entry's own link names. Empty: it is not.
  [[nodiscard]] std::string blob_here(const RevisionState& state, const std::string& file,
                                      std::string_view link) const;
};

// What the manifest says of the file, or null.
[[nodiscard]] const ExpectedFile* find_expected(const Manifest& manifest, const std::string& path);

// Where in the hub cache the shared content of a blob lies; empty where it is none that a client has linked.
[[nodiscard]] std::string payload_of(const Blob& blob);

// In the order in which they run; later ones rely on what earlier ones put into the states.
void check_refs(Case& c);       // ref-malformed, ref-dangling, nothing-here, detached-revision, stale-no-exist
void check_partials(Case& c);   // incomplete-download, orphan-partial, download-in-progress, stalled-download
void check_entries(Case& c);    // dangling-entry, entry-to-partial, escaping-entry, shared-blob-broken
void check_content(Case& c);    // size-mismatch, truncated-file, lfs-pointer, not-the-content
void check_files(Case& c);      // missing-file, missing-shard, missing-weights, empty-snapshot, nothing-here
void check_digests(Case& c);    // digest-mismatch, not-the-content, conflicting-digests, unverifiable
void check_locks(Case& c);      // stale-lock, idle-lock
void check_leftovers(Case& c);  // orphan-blob, temp-debris, unrecognized-entry, tree-malformed
void check_access(Case& c);     // foreign-owner, no-access
void check_access_to(Case& c, const std::vector<Thing>& files);  // the same, of files that must be readable

}  // namespace hfaudit
