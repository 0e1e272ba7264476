#include "repair/download_plan.hpp"

#include <algorithm>

#include "base/sum.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

std::uint64_t missing_bytes(const Finding& finding) {
  // it is hashed against the Hub's listing, and replaced where it differs
  if (finding.id == FindingId::unverifiable) return 0;
  const auto expected = number_detail(finding, detail_key::expected);
  if (!expected) return finding.bytes;
  const auto present = number_detail(finding, detail_key::present).value_or(0);
  return *expected - std::min(*expected, present);
}

std::string counted_files(std::size_t files) {
  return files == 1 ? "1 file" : std::to_string(files) + " files";
}

}  // namespace

void DownloadPlan::add(const Finding& finding, const std::string& file, bool whole) {
  auto revision = finding.revision;
  // or else the default branch
  if (revision.empty()) revision = text_detail(finding, detail_key::ref);
  auto& job = downloads_[{*finding.repo, revision}];
  if (job.action.plan.action.empty()) {
    job.action.plan = {.action = std::string(to_string(ActionKind::pull)),
                       .group = RepairGroup::content,
                       .finding = finding.id,
                       .repo = finding.repo,
                       .revision = revision,
                       .path = finding.path,
                       .reason = finding.message};
    job.action.commit = revision;
  }
  const auto blob = text_detail(finding, detail_key::blob);
  job.whole = job.whole || whole || (file.empty() && blob.empty());
  job.names.insert(file.empty() ? blob : file);
  job.optional = job.optional && finding.id == FindingId::unverifiable;
  if (blob.empty() || job.blobs.insert(blob).second)
    add_size(job.action.plan.bytes, missing_bytes(finding));
}

std::vector<Action> DownloadPlan::take() {
  std::vector<Action> actions;
  for (auto& [key, job] : downloads_) {
    job.action.optional = job.optional;
    if (!job.whole) job.action.files.assign(job.names.begin(), job.names.end());
    if (job.names.size() > 1) {
      job.action.plan.reason =
          (job.whole ? "all of it, for " : counted_files(job.names.size()) + ": ") +
          job.action.plan.reason;
    }
    actions.push_back(std::move(job.action));
  }
  return actions;
}

}  // namespace hfaudit
