// All sources of a run, in the order in which the user named them; the own cache is the last one.
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
  // Of `local`, its last one: the cache's other repos. Null where there is no cache yet.
  LocalSource* own = nullptr;
  std::string own_hub;
  std::optional<std::uint32_t> reader;
  std::vector<Unreadable> unreachable;  // named ones that cannot be opened

  // Opens the own cache, once it is there.
  void find_own();

  // The first that has this revision, the own cache last. Errors: why none has, by the first that
  // could not be asked, else ENOENT.
  struct Found {
    SourceListing listing;
    std::string source;
  };
  [[nodiscard]] Result<Found> find(const RepoId& repo,
                                   const std::optional<std::string>& revision) const;
};

// `own_hub`: the path of the own hub cache; `reader`: as LocalSource::open(). Errors: a text that is
// neither a path nor a URL that can be used.
[[nodiscard]] Result<Sources> open_sources(const std::vector<std::string>& texts,
                                           const std::string& own_hub,
                                           std::optional<std::uint32_t> reader,
                                           const WebOptions& options);

// The keys of the user who runs this process, from ~/.ssh; nullopt: there is no home.
[[nodiscard]] std::optional<http::SshAccess> find_ssh_access(const Environment& environment);

[[nodiscard]] std::string shown_source(std::string_view text);

// Why the text of a --from cannot be used; empty: it can.
[[nodiscard]] std::string why_no_source(std::string_view text);

}  // namespace hfaudit
