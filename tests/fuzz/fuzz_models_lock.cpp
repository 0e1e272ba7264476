#include "base/text.hpp"
#include "fuzz.hpp"
#include "hfaudit/lock.hpp"

using namespace hfaudit;

// A parsed lock file is safe to use, and survives a round trip.
void fuzz::try_input(std::string_view input) {
  const auto locked = parse_lock(input);
  if (!locked) return;
  for (const auto& repo : locked->repos) {
    fuzz::require(is_commit_hash(repo.commit) && is_safe_relative_path(repo.revision));
    for (const auto& file : repo.files) {
      fuzz::require(is_safe_relative_path(file.path));
      fuzz::require(is_sha256(file.sha256) != is_commit_hash(file.git_sha1));
    }
  }
  const auto again = parse_lock(format_lock(*locked));
  fuzz::require(again && again->repos == locked->repos && changes_between(*locked, *again).empty());
}
