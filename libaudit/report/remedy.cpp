#include "report/remedy.hpp"

namespace hfaudit::report {

Remedy remedy_of(FindingId id) {
  switch (id) {
    case FindingId::incomplete_download:
    case FindingId::dangling_entry:
    case FindingId::missing_file:
    case FindingId::missing_shard:
    case FindingId::missing_weights:
    case FindingId::nothing_here:
    case FindingId::ref_malformed:
      return Remedy::download;
    case FindingId::entry_to_partial:
    case FindingId::escaping_entry:
      return Remedy::relink;
    case FindingId::size_mismatch:
    case FindingId::truncated_file:
    case FindingId::lfs_pointer:
    case FindingId::not_the_content:
    case FindingId::digest_mismatch:
    case FindingId::shared_blob_broken:
      return Remedy::replace;
    case FindingId::orphan_partial:
    case FindingId::stale_no_exist:
    case FindingId::stale_lock:
    case FindingId::orphan_blob:
    case FindingId::tree_malformed:
      return Remedy::remove;
    case FindingId::temp_debris:
      return Remedy::remove_tree;
    case FindingId::empty_snapshot:
      return Remedy::prune;
    case FindingId::foreign_owner:
      return Remedy::chown;
    case FindingId::no_access:
      return Remedy::chmod;
    case FindingId::exposed_token:
      return Remedy::hide;
    case FindingId::stalled_download:
      return Remedy::look_at_process;
    case FindingId::low_disk_space:
      return Remedy::look_at_space;
    case FindingId::download_in_progress:
    case FindingId::conflicting_digests:
    case FindingId::unverifiable:
    case FindingId::ref_dangling:
    case FindingId::detached_revision:
    case FindingId::idle_lock:
    case FindingId::unrecognized_entry:
      return Remedy::none;
  }
  return Remedy::none;
}

}  // namespace hfaudit::report
