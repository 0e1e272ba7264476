// One repo on its way through the rules: the inventory, the evidence, the findings so far, and the
// state of each revision. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sharing.hpp"
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
  std::string owner;  // "user:group" of the cache's user
  // the group or all users may write the hub folder: files of many users
  bool shared_cache = false;
  std::optional<Sharing> sharing;  // the group that shares the cache, and must be able to use it
  std::string group_name;          // its name
  // the user may only read the cache; downloads are left to others
  bool reads_only = false;
  std::int64_t now_ns = 0;
  std::int64_t stalled_after_ns = 600LL * 1'000'000'000;
  PathFilter filter;
  std::string asked_revision;  // the one commit that was requested; empty for all
  bool local_dir = false;
  bool moving = false;     // two scans a moment apart differed: a process is changing the repo
  bool verifying = false;  // content is read: report files without a hash to verify against
  // Partial files in the hub folder, whose names leave their repo open, by their paths below it;
  // null: unknown.
  const std::vector<Partial>* hub_partials = nullptr;
  const ContentReads* reads = nullptr;  // the results of reading so far
};

// The facts that the rules collect on one revision; its verdict follows from them.
struct RevisionState {
  const Revision* revision = nullptr;
  const RevisionEvidence* evidence = nullptr;
  Manifest manifest;
  std::vector<std::string> refs;
  bool detached = false;    // unnamed by refs, which name another commit, and unrequested
  bool live = false;        // a process is downloading it
  bool incomplete = false;  // a wanted file is absent or only partly there
  bool corrupt = false;     // content is proven wrong
  bool unread = false;      // some content is unreadable: neither good nor corrupt
  bool wanted_partial = false;
  // evidence that all files were wanted: a partial or a dangling entry beside the rest
  bool whole_wanted = false;
  bool nothing_here_raised = false;  // nothing-here was raised and stands for every file
  std::set<std::string, std::less<>>
      lock_taken;  // files whose lock shows that a client began to download them
  // of files of the listing whose content is here, also as a copy without a blob
  std::set<std::string, std::less<>> etags_here;
  bool empty_by_choice = false;  // it is empty, and evidence that it should hold files is missing
  // Snapshots of a repo without refs that hold other files than this one: huggingface.js makes one
  // for each file's last commit, and they are judged together.
  std::vector<const Revision*> companions;
  // the evidence leaves open whether it is whole: a download broke off that may have been of this
  // revision, or a blob's name differs from the lock file
  bool undecided = false;
  bool without_weights = false;       // a model without weights, unless the listing lacks them, too
  std::string weights_at;             // the commit of another snapshot that has them
  std::vector<std::string> missing;   // wanted paths that are absent
  std::vector<std::string> unwanted;  // absent and unwanted
};

// A path in the cache, and the folder that it is relative to.
struct CachePath {
  CachePath(std::string relative, Root folder = Root::repo)
      : path(std::move(relative)), root(folder) {}

  std::string path;
  Root root;
};

class RepoCheck {
 public:
  RepoCheck(const RepoInventory& repo, const Evidence& evidence, const CheckContext& context);

  const RepoInventory& repo;
  const Evidence& evidence;
  const CheckContext& context;
  // first the requested one, then those that refs name, then the rest
  std::vector<RevisionState> states;
  std::vector<Finding> findings;
  std::vector<Unreadable> unread;  // unreadable content, and the reason
  // A ref names a commit that is more than the answer to a client's question for one file.
  bool has_refs = false;
  std::vector<bool> used_blobs;      // by number: an entry leads there
  std::vector<bool> unlinked_blobs;  // wanted by a tree: exempt from orphan-blob

  // Raises a finding. In a detached revision an error becomes a warning.
  Finding& raise(FindingId id, const CachePath& at, std::string message,
                 const RevisionState* state = nullptr);

  // Files of the operating system among the entries, which are judged as absent.
  std::vector<std::pair<const Revision*, const Entry*>> system_files;

  [[nodiscard]] std::string place(const RevisionState& state, std::string_view entry) const;
  // The path as it stands in a Finding.
  [[nodiscard]] std::string full_path(const CachePath& at) const;
  // Whether an absent file counts as damage: only if every folder was readable.
  [[nodiscard]] bool absence_counts() const { return !repo.unreadable_folder; }
  // Whether a process downloads into the repo.
  [[nodiscard]] bool is_busy() const;
  // Whether the content of the blob is here, as a blob or as a file of the revision: two files of
  // equal content share a blob, its lock and its partial file.
  [[nodiscard]] bool has_content(const RevisionState& state, std::string_view etag) const;
  // The blob that the file's entry should lead to, if its content is here in the right size: the
  // one that the tree names, else the one that the entry's own link names. Empty: it is absent.
  [[nodiscard]] std::string blob_here(const RevisionState& state, std::string_view file,
                                      std::string_view link) const;

 private:
  [[nodiscard]] const Revision* without_system_files(const Revision& revision,
                                                     const RevisionEvidence& known);
  void find_companions();

  std::vector<std::unique_ptr<const Revision>> adjusted_;
};

// The file in the manifest, or null.
[[nodiscard]] const ExpectedFile* find_expected(const Manifest& manifest, std::string_view path);

// The blob that the entry leads to, or null.
[[nodiscard]] const Blob* blob_of(const RepoInventory& repo, const Entry& entry);

// The path in the hub cache of a blob's shared content; empty for a blob that clients keep in the
// repo itself.
[[nodiscard]] std::string payload_of(const Blob& blob);

}  // namespace hfaudit
