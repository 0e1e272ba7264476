// Which repos and snapshots may be exported, and what is said of the others.
#include "catch_any.hpp"
#include "export/select.hpp"

using namespace hfaudit;

namespace {

const RepoId six{RepoType::model, "acme/six"};
const std::string main_commit(40, '1'), other_commit(40, '2');

struct VerdictScene {
  RepoInventory repo;
  Report report;

  VerdictScene(Verdict whole, std::vector<std::pair<std::string, Verdict>> revisions) {
    repo.repo = six;
    repo.folder = six.folder();
    RepoReport judged;
    judged.repo = six;
    judged.verdict = whole;
    for (const auto& [name, verdict] : revisions) {
      Revision revision;
      revision.commit = name;
      repo.revisions.push_back(revision);
      RevisionReport one;
      one.commit = name;
      one.verdict = verdict;
      judged.revisions.push_back(one);
    }
    report.repos.push_back(judged);
  }
  [[nodiscard]] ExportChoice choose(const std::string& of = {}, bool allow = false) const {
    return choose_revisions(repo, report, {six, std::nullopt}, of, allow);
  }
};

}  // namespace

TEST_CASE("export choice: complete repos and subsets, without a word") {
  const VerdictScene scene(Verdict::subset,
                           {{main_commit, Verdict::complete}, {other_commit, Verdict::subset}});
  CHECK(scene.choose().commits == std::set<std::string>{main_commit, other_commit});
  CHECK(scene.choose(other_commit).commits == std::set<std::string>{other_commit});
  CHECK(scene.choose().notes.empty());
}

TEST_CASE("export choice: a snapshot that does not count is left out and said") {
  const VerdictScene scene(Verdict::complete,
                           {{main_commit, Verdict::complete}, {other_commit, Verdict::incomplete}});
  CHECK(scene.choose().commits == std::set<std::string>{main_commit});
  CHECK(scene.choose().notes.size() == 1);
  CHECK(scene.choose({}, true).commits.size() == 2);
  REQUIRE(scene.choose(other_commit).refusal);
  CHECK(scene.choose(other_commit).refusal->code == ExitCode::damage);
}

TEST_CASE("export choice: what is not whole is refused, with its code") {
  const auto code = [](Verdict verdict, bool allow) {
    const auto choice = VerdictScene(verdict, {{main_commit, verdict}}).choose({}, allow);
    return choice.refusal ? choice.refusal->code : ExitCode::ok;
  };
  CHECK(code(Verdict::incomplete, false) == ExitCode::damage);
  CHECK(code(Verdict::incomplete, true) == ExitCode::ok);
  CHECK(code(Verdict::corrupt, false) == ExitCode::damage);
  CHECK(code(Verdict::corrupt, true) == ExitCode::damage);
  CHECK(code(Verdict::in_progress, false) == ExitCode::damage);
  CHECK(code(Verdict::in_progress, true) == ExitCode::ok);
  CHECK(code(Verdict::unknown, false) == ExitCode::incomplete);
  CHECK(code(Verdict::unknown, true) == ExitCode::ok);
}

TEST_CASE("export choice: nothing to export is a refusal, even if incomplete ones are allowed") {
  const VerdictScene scene(Verdict::unknown, {});
  REQUIRE(scene.choose({}, true).refusal);
  CHECK(scene.choose({}, true).refusal->code == ExitCode::incomplete);
}
