#include "preflight/admit.hpp"

#include <algorithm>

#include "base/fnmatch.hpp"
#include "hfaudit/render.hpp"
#include "listings/file_role.hpp"
#include "preflight/loader_needs.hpp"
#include "preflight/refusal.hpp"
#include "report/advice.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

// By the header of a file instead of its name or size: a check of metadata ignores it.
bool is_found_by_structure(const Finding& finding) {
  switch (finding.id) {
    case FindingId::truncated_file:
    case FindingId::lfs_pointer:
    case FindingId::not_the_content:
      return true;
    default:
      return text_detail(finding, detail_key::basis) == to_string(Basis::structure);
  }
}

// Does it keep a client from loading the commit? Access is found by trying instead of by the owner.
bool blocks(const Finding& finding, const RepoRequest& asked, const std::string& commit,
            const PreflightRequest& request) {
  if (finding.repo.value_or(RepoId{}) != asked.repo) return false;
  const auto revision = asked.revision.value_or("main");
  const bool of_it = finding.revision == commit;
  switch (finding.id) {
    case FindingId::ref_malformed:  // another ref that names this commit is irrelevant
      return is_of_ref(finding, revision);
    case FindingId::foreign_owner:
    case FindingId::no_access:
      return false;
    case FindingId::missing_weights:
      return of_it && (!request.loader || loads_weights(*request.loader));
    case FindingId::missing_code:
      return of_it && request.loader && runs_model_code(*request.loader);
    case FindingId::missing_dependency:
      return of_it && request.loader && loads_other_repos(*request.loader);
    case FindingId::stale_no_exist:
      return of_it;
    default:
      break;
  }
  if (request.check == PreflightCheck::metadata && is_found_by_structure(finding)) return false;
  return of_it && finding.severity == Severity::error;
}

std::string amounts_of(const RevisionReport& revision) {
  std::string text;
  if (revision.files.expected && *revision.files.expected > revision.files.present) {
    text += ", " + std::to_string(revision.files.present) + " of " +
            std::to_string(*revision.files.expected) + " files are here";
  }
  if (revision.bytes.expected && *revision.bytes.expected > revision.bytes.present)
    text += ", " + human_bytes(*revision.bytes.expected - revision.bytes.present) + " missing";
  return text;
}

std::string other_commit(const RevisionReport& revision) {
  return revision.weights_at.empty()
             ? std::string()
             : ", commit " + printable(revision.weights_at.substr(0, 12)) + " has them";
}

std::string describe(const std::vector<const Finding*>& wrong) {
  auto text = printable(wrong.front()->message);
  if (wrong.size() > 1) text += " (and " + std::to_string(wrong.size() - 1) + " more)";
  return text;
}

class Judge {
 public:
  Judge(const Report& report, const RepoRequest& repo, const std::string& commit,
        const SnapshotState& seen, const PreflightRequest& request)
      : report_(report), repo_(repo), seen_(seen), request_(request), adviser_(report) {
    admission_.repo = repo;
    admission_.commit = commit;
  }

  [[nodiscard]] Admission judge() {
    const auto* revision = find_revision(report_, repo_.repo, admission_.commit);
    if (revision != nullptr) admission_.verdict = revision->verdict;
    if (refuse_refused() || refuse_wrong(revision) || refuse_unreadable()) return admission_;
    if (refuse_unfinished(revision) || refuse_missing_required(*revision) || refuse_for_loader())
      return admission_;
    admission_.pass = true;
    return admission_;
  }

 private:
  bool refuse(ExitCode code, std::string why) {
    admission_.code = code;
    admission_.why = name_of(repo_, request_.what) + ": " + std::move(why);
    return true;
  }

  [[nodiscard]] std::string next(std::string_view command) const {
    if (repo_.repo.id.empty())
      return "; nothing here names the repo: " + adviser_.command_for(command, "REPO");
    return run_hint(adviser_.command_for(command, repo_.name()));
  }

  // For a finding, which may be beyond repair.
  [[nodiscard]] std::string next_for(const Finding& finding) const {
    const auto command = adviser_.command(finding, repo_.name());
    if (!command.empty()) return run_hint(command);
    const auto words = adviser_.words(finding);
    return words.empty() ? words : "; " + words;
  }

  bool refuse_refused() {
    for (const auto& unreadable : report_.unreadable) {
      if (unreadable.refused) return refuse(ExitCode::refused, printable(unreadable.cause));
    }
    return false;
  }

  // Empty: the audit could read all that matters.
  [[nodiscard]] std::string unreadable_in_words() const {
    const auto folder = request_.what.local_dir ? std::string() : repo_.repo.folder();
    for (const auto& unreadable : report_.unreadable) {
      const bool of_locks = unreadable.path.find(".locks") != std::string::npos;
      const bool elsewhere = unreadable.path.find(folder) == std::string::npos && !request_.online;
      // a client of this process has to use neither; a disk that fails is another thing
      if ((of_locks || elsewhere) && is_denied(unreadable)) continue;
      return "cannot " + printable(unreadable.operation) + " " + printable(unreadable.path) + ": " +
             printable(unreadable.cause);
    }
    return {};
  }

  bool refuse_unreadable() {
    if (!seen_.unreadable.empty()) {
      const auto others = seen_.unreadable.size() - 1;
      return refuse(ExitCode::incomplete,
                    "this process may not read " + printable(seen_.unreadable.front()) +
                        (others == 0 ? "" : " and " + std::to_string(others) + " more") +
                        "; see who owns it: hfaudit scan");
    }
    auto words = unreadable_in_words();
    return !words.empty() && refuse(ExitCode::incomplete, std::move(words));
  }

  bool refuse_wrong(const RevisionReport* revision) {
    std::vector<const Finding*> wrong;
    for (const auto& finding : report_.findings) {
      if (blocks(finding, repo_, admission_.commit, request_)) wrong.push_back(&finding);
    }
    if (wrong.empty()) return false;
    const bool weights = wrong.front()->id == FindingId::missing_weights;
    admission_.weightless = weights && wrong.size() == 1;
    auto why = describe(wrong) + (revision != nullptr ? amounts_of(*revision) : std::string()) +
               next_for(*wrong.front());
    const auto unreadable = unreadable_in_words();  // more may be wrong there
    if (unreadable.empty()) return refuse(ExitCode::damage, std::move(why));
    return refuse(ExitCode::incomplete, std::move(why) + "; " + unreadable);
  }

  bool refuse_unfinished(const RevisionReport* revision) {
    if (revision == nullptr || !seen_.exists) {
      const bool unknown = revision != nullptr && revision->verdict == Verdict::unknown;
      return refuse(unknown ? ExitCode::incomplete : ExitCode::damage,
                    "it is not here" + next("pull"));
    }
    if (revision->verdict == Verdict::in_progress) {
      return refuse(ExitCode::damage, "it is being downloaded" + amounts_of(*revision) +
                                          "; --wait 30m waits for that");
    }
    // the verdict may be by structure alone, which a check of metadata ignores
    const bool metadata_only = request_.check == PreflightCheck::metadata;
    const bool bad =
        revision->verdict == Verdict::incomplete || revision->verdict == Verdict::corrupt;
    if (bad && !metadata_only)
      return refuse(ExitCode::damage, "it is " + std::string(to_string(revision->verdict)) +
                                          amounts_of(*revision) + next("repair"));
    if (revision->verdict == Verdict::unknown) return refuse_undecided();
    if (!request_.strict) return false;
    if (revision->verdict == Verdict::subset)
      return refuse(ExitCode::damage, "it is a subset" + amounts_of(*revision) + next("pull"));
    const bool listed = revision->basis <= Basis::tree;
    return !listed && refuse(ExitCode::incomplete,
                             "the cache has no listing of all its files; --online asks the Hub");
  }

  // Names the warnings that leave the verdict open: hashes that differ from a lock file, a download
  // that cannot be attributed.
  bool refuse_undecided() {
    std::vector<const Finding*> reasons;
    for (const auto& finding : report_.findings) {
      const bool of_it = finding.repo.value_or(RepoId{}) == repo_.repo &&
                         (finding.revision == admission_.commit || finding.revision.empty());
      if (of_it && finding.severity == Severity::warning) reasons.push_back(&finding);
    }
    if (reasons.empty())
      return refuse(ExitCode::incomplete, "it cannot be judged; run: hfaudit scan");
    const bool unread = reasons.front()->id == FindingId::conflicting_digests &&
                        request_.check != PreflightCheck::full;
    return refuse(ExitCode::incomplete,
                  "it cannot be judged: " + describe(reasons) +
                      (unread ? "; --check full reads its content" : next_for(*reasons.front())));
  }

  bool refuse_for_loader() {
    if (!request_.loader) return false;
    auto lacking = lacking_for(*request_.loader, seen_.files);
    if (lacking.empty())
      lacking = lacking_vocabulary_for(*request_.loader, seen_.files, seen_.texts);
    return !lacking.empty() && refuse(ExitCode::damage, lacking + next("pull"));
  }

  bool refuse_missing_required(const RevisionReport& revision) {
    const bool subset = admission_.verdict == Verdict::subset && repo_.repo.type == RepoType::model;
    const bool weights =
        std::any_of(seen_.files.begin(), seen_.files.end(),
                    [](const std::string& file) { return may_hold_weights(file); });
    admission_.weightless = subset && !weights && revision.without_weights &&
                            (!request_.loader || loads_weights(*request_.loader));
    if (admission_.weightless) {
      return refuse(ExitCode::damage,
                    "none of its weights are here" + other_commit(revision) + next("pull"));
    }
    for (const auto& pattern : request_.require) {
      const bool found =
          std::any_of(seen_.files.begin(), seen_.files.end(),
                      [&](const std::string& file) { return fnmatch(pattern, file); });
      admission_.required_missing = !found;
      if (!found)
        return refuse(ExitCode::damage,
                      "no file that matches " + printable(pattern) + " is here" + next("pull"));
    }
    return false;
  }

  const Report& report_;
  const RepoRequest& repo_;
  const SnapshotState& seen_;
  const PreflightRequest& request_;
  report::Adviser adviser_;
  Admission admission_;
};

}  // namespace

std::optional<PreflightCheck> parse_preflight_check(std::string_view text) {
  if (text == "metadata") return PreflightCheck::metadata;
  if (text == "structure") return PreflightCheck::structure;
  if (text == "sample") return PreflightCheck::sample;
  if (text == "full") return PreflightCheck::full;
  return std::nullopt;
}

Admission admit(const Report& report, const RepoRequest& repo, const std::string& commit,
                const SnapshotState& seen, const PreflightRequest& request) {
  return Judge(report, repo, commit, seen, request).judge();
}

}  // namespace hfaudit
