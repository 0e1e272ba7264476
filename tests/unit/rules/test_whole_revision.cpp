#include "catch_any.hpp"

#include "rules/whole_revision.hpp"

using namespace hfaudit;

namespace {

RevisionReport revision(char digit, Verdict verdict, std::vector<std::string> refs = {}) {
  RevisionReport made;
  made.commit = std::string(40, digit);
  made.verdict = verdict;
  made.refs = std::move(refs);
  return made;
}

}  // namespace

TEST_CASE("the revision to use in place of another one") {
  const auto best = [](const std::vector<RevisionReport>& all, char except) {
    const auto* found = whole_revision(all, std::string(40, except));
    return found == nullptr ? '-' : found->commit.front();
  };
  using enum Verdict;
  CHECK(best({}, 'x') == '-');
  CHECK(best({revision('a', complete)}, 'a') == '-');
  CHECK(best({revision('a', corrupt), revision('b', incomplete), revision('c', unknown)}, 'x') ==
        '-');
  CHECK(best({revision('a', in_progress), revision('b', subset)}, 'x') == 'b');
  CHECK(best({revision('a', subset, {"main"}), revision('b', complete)}, 'x') == 'b');
  CHECK(best({revision('a', complete), revision('b', complete, {"v1"})}, 'x') == 'b');
  CHECK(best({revision('a', complete), revision('b', complete, {"v1"})}, 'b') == 'a');
  CHECK(in_words({RepoType::dataset, "acme/d"}, revision('a', complete, {"v1"})) ==
        "datasets/acme/d@" + std::string(40, 'a') + " is here, complete (v1)");
}
