// Findings: the catalogue of all that can be wrong in a cache, each with a stable name, and one
// finding as a value. The catalogue is made from the table in findings.def. Names and severities
// are part of the contract.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hfaudit/identity.hpp"

namespace hfaudit {

enum class Severity : std::uint8_t { info, warning, error };

enum class FindingId : std::uint8_t {
#define HFAUDIT_FINDING(enumerator, name, severity, action, group, sentence) enumerator,
#include "hfaudit/findings.def"
#undef HFAUDIT_FINDING
};

// The repair actions that Finding::fix and FindingInfo::fix name.
namespace fix {
inline constexpr std::string_view none = "";            // nothing to repair, or up to the user
inline constexpr std::string_view pull = "pull";        // download again
inline constexpr std::string_view relink = "relink";    // make a link to content that is here
inline constexpr std::string_view set_ref = "set-ref";  // write a commit into a ref
inline constexpr std::string_view remove = "remove";    // delete a worthless file
inline constexpr std::string_view chown = "chown";      // give it to the cache's user
inline constexpr std::string_view chmod = "chmod";      // let the cache's user in, or others out
}  // namespace fix

// The keys of Finding::details.
namespace detail_key {
inline constexpr std::string_view actual = "actual";  // the hash of the content
inline constexpr std::string_view basis = "basis";    // the source that gives the expected value
inline constexpr std::string_view below = "below";    // nested entries that this finding covers
inline constexpr std::string_view blob = "blob";      // the name of the blob
inline constexpr std::string_view commit = "commit";  // that a ref should name
inline constexpr std::string_view count = "count";    // of lock files
inline constexpr std::string_view expected = "expected";    // a size or a hash
inline constexpr std::string_view file = "file";            // its path in the repo
inline constexpr std::string_view foreign = "foreign";      // 1: another user owns it
inline constexpr std::string_view free = "free";            // bytes
inline constexpr std::string_view folder = "folder";        // absolute: of a hub cache
inline constexpr std::string_view hash = "hash";            // the kind of `expected` and `actual`
inline constexpr std::string_view idle_seconds = "idle_s";  // without growth
inline constexpr std::string_view listed = "listed";        // 0: a listing is here without it
inline constexpr std::string_view missing = "missing";      // bytes
inline constexpr std::string_view mode = "mode";            // mode bits
inline constexpr std::string_view named_by = "named_by";    // the index or file that asks for it
// in the hub cache: content in the shared store
inline constexpr std::string_view payload = "payload";
inline constexpr std::string_view other = "other";  // the path of the other copy; the other repo
inline constexpr std::string_view pid = "pid";      // of the process that holds it
inline constexpr std::string_view present = "present";  // bytes of a partial
inline constexpr std::string_view ref = "ref";          // its name
inline constexpr std::string_view refs = "refs";        // "0": the repo lacks refs
// the gid of the group that shares the cache and that the mode keeps out
inline constexpr std::string_view shared_with = "shared_with";
inline constexpr std::string_view size = "size";      // bytes
inline constexpr std::string_view target = "target";  // the text of a link
inline constexpr std::string_view uid = "uid";        // of the owner
inline constexpr std::string_view wanted = "wanted";  // all_files: the whole revision
inline constexpr std::string_view all_files = "all";  // the value of wanted
inline constexpr std::string_view whole = "whole";    // a commit that is here, to use in its place
inline constexpr std::string_view wanted_owner = "wanted_owner";  // "user:group"
}  // namespace detail_key

// A row of the catalogue.
struct FindingInfo {
  FindingId id;
  std::string_view name;      // "incomplete-download": the id in reports
  Severity severity;          // as raised in a revision that counts
  std::string_view fix;       // the usual repair action, one of namespace fix
  std::string_view sentence;  // its meaning
};

// All rows, in the contract's order; the position is the enumerator's value.
[[nodiscard]] std::span<const FindingInfo> catalogue();
[[nodiscard]] const FindingInfo& info_of(FindingId id);
[[nodiscard]] std::string_view to_string(Severity severity);  // "info", "warning", "error"

using Detail = std::variant<std::uint64_t, std::string>;

// The cache of an entry, in a merged report of several caches; empty in all others. The host is the
// first of the cache's.
struct CacheRef {
  std::string host;
  std::string cache;  // CacheReport::place()

  auto operator<=>(const CacheRef&) const = default;
};

// The identity of a file, so that a later action can check whether it is still the same.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0;
  std::uint64_t size = 0;     // bytes
  std::int64_t mtime_ns = 0;  // since the epoch

  auto operator<=>(const FileIdentity&) const = default;
};

// A defect, its location, and its repair. A value, independent of the scan that made it.
struct Finding {
  FindingId id = FindingId::unrecognized_entry;
  Severity severity = Severity::info;
  std::optional<RepoId> repo;
  std::string revision;  // a commit; else empty
  std::string path;      // raw bytes; relative to HF_HOME where it lies inside it
  std::string message;   // one sentence, with the names in it made printable
  // the repair action, one of namespace fix; a report of a later version may name others
  std::string fix;
  std::uint64_t bytes = 0;  // the size that it concerns, or that its removal would free
  std::vector<std::pair<std::string, Detail>> details;
  CacheRef cache_ref{};
  // the scanned file at `path`; omitted from reports
  std::optional<FileIdentity> seen;
};

}  // namespace hfaudit
