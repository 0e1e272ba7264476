// Lock files, hfaudit.lock/1: which files of which commits were approved, to the byte. Thread
// safety: each function may be called from several threads.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/refusal.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

struct AuditRequest;

struct LockedFile {
  std::string path;        // below the snapshot
  std::uint64_t size = 0;  // bytes
  // One of them is known, in hex: the SHA-256 of the content, or its git object id.
  std::string sha256, git_sha1;

  bool operator==(const LockedFile&) const = default;
};

struct LockedRepo {
  RepoId repo;
  std::string revision;  // as requested: "main", or a commit
  std::string commit;
  std::vector<LockedFile> files;  // sorted by path

  bool operator==(const LockedRepo&) const = default;
};

struct LockedRepos {
  std::vector<LockedRepo> repos;  // sorted by type, id and revision
};

struct LockAttempt {
  LockedRepos locked;
  std::vector<RepoRefusal> refused;
};

// The files that the cache holds of `request`'s repos, each of which has to be complete or a
// subset. Digests are those by which the Hub names the files; content without such a name is
// hashed. Symlinks: as audit(). A refused repo is in LockAttempt::refused. Errors: usage.
[[nodiscard]] Result<LockAttempt> make_lock(const Layout& layout, const AuditRequest& request,
                                            const std::stop_token& stop = {});

// The same repos and revisions by the Hub's listings of today; of a subset the same files, where
// they still exist. Errors: usage.
[[nodiscard]] Result<LockAttempt> update_lock(const Layout& layout, const LockedRepos& locked,
                                              const std::stop_token& stop = {});

// By type, id and revision.
void sort(LockedRepos& locked);

// A line for each repo whose commit or files differ, and for each such file.
[[nodiscard]] std::vector<std::string> changes_between(const LockedRepos& before,
                                                       const LockedRepos& after);

// JSON with a file a line, in a stable order.
[[nodiscard]] std::string format_lock(const LockedRepos& locked);
// Errors: another kind of file, a later schema, unsafe paths; `text` is untrusted.
[[nodiscard]] Result<LockedRepos> parse_lock(std::string_view text);
// `path` may be a link. Errors: as parse_lock(); an unreadable file.
[[nodiscard]] Result<LockedRepos> read_lock(const std::string& path);

// As `sha256sum --check` takes it, to be run in the folder of the hub cache. Files that are locked
// by a git object id are read for it. Errors: a file is absent, or differs from the lock (EILSEQ).
[[nodiscard]] Result<std::string> format_sha256sum(const Layout& layout, const LockedRepos& locked,
                                                   const std::stop_token& stop = {});

}  // namespace hfaudit
