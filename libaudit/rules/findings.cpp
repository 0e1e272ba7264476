#include "hfaudit/finding.hpp"

#include <array>

namespace hfaudit {
namespace {

using enum Severity;
using Id = FindingId;

// The repair actions: `pull` downloads anew, `remove` deletes what is worthless, `chown` and `chmod` let the
// cache's user in; a rule that knows more says `relink` or `set-ref` in their place. Where somebody has to decide,
// there is none.
constexpr std::string_view kPull = "pull", kRemove = "remove", kChown = "chown", kChmod = "chmod", kNone;

constexpr std::array kCatalogue{
    FindingInfo{Id::incomplete_download, "incomplete-download", error, kPull,
                "A download stopped half way: its partial file is here, the finished file is not."},
    FindingInfo{Id::orphan_partial, "orphan-partial", warning, kRemove,
                "A partial file that nothing needs any more: space to reclaim, no damage."},
    FindingInfo{Id::download_in_progress, "download-in-progress", info, kNone,
                "A running process is downloading this file right now."},
    FindingInfo{Id::stalled_download, "stalled-download", warning, kNone,
                "A running process holds this download, and nothing has arrived for a long time."},
    FindingInfo{Id::dangling_entry, "dangling-entry", error, kPull,
                "A file of the snapshot is a link to content that is not here."},
    FindingInfo{Id::entry_to_partial, "entry-to-partial", error, kPull,
                "A file of the snapshot is a link to an unfinished download."},
    FindingInfo{Id::escaping_entry, "escaping-entry", error, kPull,
                "A file of the snapshot is a link that leads outside the cache."},
    FindingInfo{Id::missing_file, "missing-file", error, kPull, "A file that the revision needs is not here."},
    FindingInfo{Id::missing_shard, "missing-shard", error, kPull,
                "A part of the weights that the index or the other parts' names ask for is not here."},
    FindingInfo{Id::missing_weights, "missing-weights", warning, kPull,
                "A model has its config and no weights at all."},
    FindingInfo{Id::size_mismatch, "size-mismatch", error, kPull,
                "A file does not have the size that it should have."},
    FindingInfo{Id::truncated_file, "truncated-file", error, kPull,
                "A file is shorter than its own header says: it would not load."},
    FindingInfo{Id::lfs_pointer, "lfs-pointer", error, kPull,
                "A file holds a git LFS pointer, a few lines of text, in place of its content."},
    FindingInfo{Id::not_the_content, "not-the-content", error, kPull,
                "A file holds a web page or an error message in place of its content."},
    FindingInfo{Id::digest_mismatch, "digest-mismatch", error, kPull,
                "A file's content does not hash to what it should be."},
    FindingInfo{Id::conflicting_digests, "conflicting-digests", warning, kNone,
                "The sources that say what a file should hash to do not agree."},
    FindingInfo{Id::unverifiable, "unverifiable", info, kNone, "There is no hash to check this file against."},
    FindingInfo{Id::ref_dangling, "ref-dangling", info, kNone,
                "A ref names a commit of which no file was asked for: normal after a look for an optional file."},
    FindingInfo{Id::nothing_here, "nothing-here", error, kPull,
                "A ref names a commit, and none of its files are here: a download that never got going."},
    FindingInfo{Id::stale_no_exist, "stale-no-exist", warning, kRemove,
                "A marker says that a file does not exist, the file is here, and clients believe the marker."},
    FindingInfo{Id::ref_malformed, "ref-malformed", error, kPull, "A ref does not hold a commit hash."},
    FindingInfo{Id::empty_snapshot, "empty-snapshot", warning, kRemove, "A snapshot folder has no file in it."},
    FindingInfo{Id::detached_revision, "detached-revision", info, kNone,
                "A snapshot that no branch or tag names: an older revision, or one pinned by its commit."},
    FindingInfo{Id::orphan_blob, "orphan-blob", info, kRemove, "Content that no snapshot uses: space to reclaim."},
    FindingInfo{Id::shared_blob_broken, "shared-blob-broken", error, kPull,
                "A link into the shared blob store leads to content that is absent or wrong."},
    FindingInfo{Id::stale_lock, "stale-lock", warning, kRemove,
                "A lock keeps clients waiting, and no running process holds it."},
    FindingInfo{Id::idle_lock, "idle-lock", info, kNone, "Lock files left over from downloads; they block nobody."},
    FindingInfo{Id::temp_debris, "temp-debris", info, kRemove, "Temporary files that a killed client left."},
    FindingInfo{Id::foreign_owner, "foreign-owner", error, kChown,
                "Another user owns this, and the cache's user cannot use it."},
    FindingInfo{Id::no_access, "no-access", error, kChmod, "Its permissions keep the cache's user out."},
    FindingInfo{Id::exposed_token, "exposed-token", warning, kChmod, "Other users can read a token file."},
    FindingInfo{Id::low_disk_space, "low-disk-space", warning, kNone,
                "Less space is free than completing the downloads would need."},
    FindingInfo{Id::tree_malformed, "tree-malformed", warning, kRemove,
                "A cached list of a revision's files cannot be read."},
    FindingInfo{Id::unrecognized_entry, "unrecognized-entry", info, kNone,
                "Something in the cache that no known client writes."},
};

constexpr bool rows_stand_at_their_enumerator() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].id) != i) return false;
  }
  return kCatalogue.size() == static_cast<std::size_t>(Id::unrecognized_entry) + 1;
}
static_assert(rows_stand_at_their_enumerator());

}  // namespace

std::span<const FindingInfo> catalogue() {
  return kCatalogue;
}

const FindingInfo& info_of(FindingId id) {
  return kCatalogue[static_cast<std::size_t>(id)];
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

}  // namespace hfaudit
