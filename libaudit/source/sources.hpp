// All sources of a run: those of the user, in their order, and the cache's own other repos.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"
#include "source/local_source.hpp"
#include "source/web_source.hpp"

namespace hfaudit {

struct Sources {
  std::vector<std::unique_ptr<LocalSource>> local;
  std::vector<std::unique_ptr<WebSource>> web;
  std::vector<PullSource*> named;  // of both, without the own cache
  // Of `local`, its last one: the cache's other repos. Null where the cache is absent.
  LocalSource* own = nullptr;
  std::string own_hub;
  std::shared_ptr<const os::CacheUser> recipient;  // os::recipient_of() the own cache
  std::vector<Unreadable> unreachable;             // named ones that failed to open

  // Opens the own cache, once it is there.
  void find_own();

  // The commit and the files of a revision. A ref that is here stays as it is: the own cache is
  // asked first. Of that commit, else of the first source's, the best listing counts: a whole one
  // before the files that one source happens to have. Errors: that of an unreachable source, else
  // ENOENT.
  struct Found {
    SourceListing listing;
    const PullSource* source = nullptr;
  };
  [[nodiscard]] Result<Found> find(const RepoId& repo,
                                   const std::optional<std::string>& revision) const;
};

// `own_hub`: the path of the own hub cache; `recipient`: as LocalSource::open(). Errors: a text
// that is neither a path nor a URL that can be used.
[[nodiscard]] Result<Sources> open_sources(const std::vector<std::string>& texts,
                                           const std::string& own_hub,
                                           std::shared_ptr<const os::CacheUser> recipient,
                                           const WebOptions& options);

// The keys of this process's user, from ~/.ssh, if one of the texts is an sftp URL; nullopt also
// without a home.
[[nodiscard]] std::optional<http::SshAccess> find_ssh_access(const std::vector<std::string>& texts,
                                                             const Environment& environment);

// For messages: a possible user and password are left out.
[[nodiscard]] std::string shown_source(std::string_view text);

// Why the text of a --from cannot be used; empty: it can.
[[nodiscard]] std::string why_no_source(std::string_view text);

}  // namespace hfaudit
