// A proof: at that time, the content of that state of a file was read to its end and had this hash.
//
// When it may be recorded, and when it may be believed, are decided here. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_version.hpp"
#include "cache/content.hpp"

namespace hfaudit {

struct ContentProof {
  FileVersion file;
  std::string sha256, git_sha1;  // hex; empty: unknown
  std::int64_t proven_at_s = 0;  // since the epoch
  std::string version;           // of the hfaudit that read it

  [[nodiscard]] const std::string& hash(HashKind kind) const {
    return kind == HashKind::sha256 ? sha256 : git_sha1;
  }
};

// A file just before it is read.
struct ReadingStart {
  FileVersion file;
  ChangeTimes times = ChangeTimes::none;
  Writers writers = Writers::unknown;
  std::int64_t now_ns = 0;  // since the epoch
};

// How long the file must have been quiet before `start`, so that a change after it is bound to get
// other times. nullopt: waiting is useless.
//
// Clocks of file systems tick: two changes within a tick get one ctime (git calls such an entry
// racily clean). Where a writer is possible, a page that it has mapped and changed before may be
// changed again without a new time until the system has written it to the disk, which takes half a
// minute; the same quiet covers clocks of servers that are somewhat off.
[[nodiscard]] std::optional<std::chrono::nanoseconds> needed_quiet(const ReadingStart& start);

// Whether a read from then on proves this version of the file.
[[nodiscard]] bool may_be_recorded(const ReadingStart& start);

// Whether it is a proof of `claims` for the file as it is now, and at most as old as `max_age`.
// Proofs from the future are ignored: some clock was wrong.
[[nodiscard]] bool is_believed(const ContentProof& proof, const FileVersion& now,
                               const std::vector<Claim>& claims, std::int64_t now_s,
                               std::chrono::seconds max_age);

}  // namespace hfaudit
