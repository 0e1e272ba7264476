// Findings: the catalogue of all that can be wrong in a cache, each with a stable name, and one finding as a value.
// The catalogue is made from the table in findings.def. Names and severities are part of the contract.
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
inline constexpr std::string_view kNone = "";           // nothing to repair, or the user has to decide
inline constexpr std::string_view kPull = "pull";       // download again
inline constexpr std::string_view kRelink = "relink";   // make a link to content that is here
inline constexpr std::string_view kSetRef = "set-ref";  // write a commit into a ref
inline constexpr std::string_view kRemove = "remove";   // delete what is worthless
inline constexpr std::string_view kChown = "chown";     // give it to the cache's user
inline constexpr std::string_view kChmod = "chmod";     // let the cache's user in, or others out
}  // namespace fix

// The keys of Finding::details.
namespace detail_key {
inline constexpr std::string_view kActual = "actual";             // the hash of the content
inline constexpr std::string_view kBasis = "basis";               // the source that gives the expected value
inline constexpr std::string_view kBelow = "below";               // nested entries that this finding covers
inline constexpr std::string_view kBlob = "blob";                 // the name of the blob
inline constexpr std::string_view kCommit = "commit";             // that a ref should name
inline constexpr std::string_view kCount = "count";               // of lock files
inline constexpr std::string_view kExpected = "expected";         // a size or a hash
inline constexpr std::string_view kFile = "file";                 // its path in the repo
inline constexpr std::string_view kFree = "free";                 // bytes
inline constexpr std::string_view kHash = "hash";                 // the kind of `expected` and `actual`
inline constexpr std::string_view kIdleSeconds = "idle_s";        // without growth
inline constexpr std::string_view kMissing = "missing";           // bytes
inline constexpr std::string_view kMode = "mode";                 // mode bits
inline constexpr std::string_view kNamedBy = "named_by";          // the index or file that asks for it
inline constexpr std::string_view kPayload = "payload";           // in the hub cache: content in the shared store
inline constexpr std::string_view kPid = "pid";                   // of the process that holds it
inline constexpr std::string_view kPresent = "present";           // bytes of a partial
inline constexpr std::string_view kRef = "ref";                   // its name
inline constexpr std::string_view kSize = "size";                 // bytes
inline constexpr std::string_view kTarget = "target";             // the text of a link
inline constexpr std::string_view kUid = "uid";                   // of the owner
inline constexpr std::string_view kWanted = "wanted";             // kAllFiles: the whole revision was
inline constexpr std::string_view kAllFiles = "all";              // the value of kWanted
inline constexpr std::string_view kWantedOwner = "wanted_owner";  // "user:group"
}  // namespace detail_key

// A row of the catalogue.
struct FindingInfo {
  FindingId id;
  std::string_view name;      // "incomplete-download": the id in reports
  Severity severity;          // as raised in a revision that counts
  std::string_view fix;       // the usual repair action, one of namespace fix
  std::string_view sentence;  // what it means
};

// All rows, in the contract's order; the position is the enumerator's value.
[[nodiscard]] std::span<const FindingInfo> catalogue();
[[nodiscard]] const FindingInfo& info_of(FindingId id);
[[nodiscard]] std::string_view to_string(Severity severity);  // "info", "warning", "error"

using Detail = std::variant<std::uint64_t, std::string>;

// Whose something is, in a merged report of several caches; empty in all others. The host is the first of the
// cache's.
struct Whose {
  std::string host;
  std::string cache;  // CacheReport::place()

  auto operator<=>(const Whose&) const = default;
};

// Which file something was, so that who acts on it later can tell whether it is still the same.
struct Seen {
  std::uint64_t device = 0, inode = 0;
  std::uint64_t size = 0;     // bytes
  std::int64_t mtime_ns = 0;  // since the epoch

  auto operator<=>(const Seen&) const = default;
};

// One thing that is wrong, where, and what mends it. A value: nothing in it refers to the scan that made it.
struct Finding {
  FindingId id = FindingId::unrecognized_entry;
  Severity severity = Severity::info;
  std::optional<RepoId> repo;
  std::string revision;     // a commit; empty where the finding belongs to no revision
  std::string path;         // raw bytes; relative to HF_HOME where it lies inside it
  std::string message;      // one sentence, with the names in it made printable
  std::string fix;          // the repair action, one of namespace fix; a report of a later version may name others
  std::uint64_t bytes = 0;  // what it concerns or what removing it would free
  std::vector<std::pair<std::string, Detail>> details;
  Whose whose{};
  std::optional<Seen> seen;  // what stands at `path`, where the audit looked at it; in no report
};

}  // namespace hfaudit
