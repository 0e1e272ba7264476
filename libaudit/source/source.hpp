// A location besides the Hub that may have a repo's files: `--from`, and the cache's other repos.
//
// A source is untrusted. Its content counts once it hashes to the digest that a listing gives, and
// its own listing counts only offline.
#pragma once

#include <optional>
#include <string>

#include "hfaudit/identity.hpp"
#include "hfaudit/result.hpp"
#include "listings/listings.hpp"

namespace hfaudit {

struct SourceListing {
  std::string commit;
  // The Hub's own listing, as a client cached it, or the files of the source as a partial listing.
  Tree tree;
};

class PullSource {
 public:
  virtual ~PullSource() = default;

  // For messages and reports: a path, or a URL without credentials.
  [[nodiscard]] virtual const std::string& shown() const = 0;
  // The commit that `revision` is there, and its files; nullopt: main. Errors: ENOENT where the
  // source lacks the repo, the revision or its listing.
  [[nodiscard]] virtual Result<SourceListing> find(const RepoId& repo,
                                                   const std::optional<std::string>& revision) = 0;
};

}  // namespace hfaudit
