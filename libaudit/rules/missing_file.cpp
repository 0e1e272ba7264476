// # missing-file
//
// A wanted file lacks its entry in the snapshot: a component that `model_index.json` names, a file
// whose record a `--local-dir` download left, a file of the commit that a git clone has checked
// out, a file whose lock shows that a client began its download. Of the files that only the listing
// names, those count if the whole revision was wanted: a partial file or a dangling entry shows
// that, and so does `--include`. A blob that the listing wants but that lacks an entry needs only
// its link; the repair makes it.
//
// Why it matters: the model fails to load, or loads without its tokenizer or its configuration.
//
// Not raised: for a subset, where evidence that the file was wanted is missing; while a process
// downloads the revision; if a folder of the repo was unreadable; for a file that a partial file
// (incomplete-download) or a dangling-entry stands for; for every file of a revision of which
// nothing-here is raised; for files that a sparse checkout of git leaves out or `git rm` removed;
// for the data of a graph (OpenVINO, ncnn, Paddle, TensorFlow.js) beside the model's own weights,
// if all files of its extension were left out, as by `--exclude "*.bin"`.
//
// Causes: a client that was killed between two files, or between a blob and its entry. A file that
// was deleted by hand.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

// Two files of equal content share a blob: the content of an absent one may be here.
void add_blob_here(const RepoCheck& c, const RevisionState& state, const ExpectedFile& file,
                   Finding& finding) {
  const auto blob = file.etag.empty() ? std::string() : c.blob_here(state, file.path, file.etag);
  if (blob.empty()) return;
  finding.fix = fix::relink;
  finding.bytes = 0;
  finding.details.emplace_back(detail_key::blob, blob);
}

void raise_missing_file(RepoCheck& c, const RevisionState& state, const ExpectedFile& file) {
  const bool lock_taken = state.lock_taken.contains(file.path);
  const bool named = !file.named_by.empty() && !lock_taken;
  auto& finding = c.raise(
      FindingId::missing_file, c.place(state, file.path),
      printable(file.path) + (lock_taken ? " is missing: its download was started and failed"
                              : named    ? " is missing; " + printable(file.named_by) + " names it"
                                         : " is missing"),
      &state);
  finding.bytes = file.size.value_or(0);
  add_blob_here(c, state, file, finding);
  if (named) finding.details.emplace_back(detail_key::named_by, std::string(file.named_by));
}

namespace {

// A client locks a blob before it downloads it. Where only locks of other blobs are here, the entry
// was removed by hand, or the blob belongs to another revision: a client killed between the blob
// and its entry leaves the lock.
bool was_downloaded_for_this(const RepoCheck& c, std::string_view etag) {
  const auto& locks = c.repo.locks;
  return locks.empty() || std::any_of(locks.begin(), locks.end(),
                                      [&](const Lock& lock) { return lock.etag == etag; });
}

}  // namespace

// The client was killed between the blob and its entry. The blob shows that the file was wanted.
void check_unlinked_blobs(RepoCheck& c, RevisionState& state) {
  const auto unused = std::count(c.used_blobs.begin(), c.used_blobs.end(), false);
  if (!state.manifest.exhaustive || unused == 0 || !c.absence_counts()) return;
  for (auto& file : state.manifest.files) {
    if (has_entry(state, file.path) || !c.context.filter.accepts(file.path)) continue;
    const int blob = c.repo.find_blob(file.etag);
    const auto number = static_cast<std::size_t>(std::max(blob, 0));
    if (blob < 0 || c.used_blobs[number]) continue;
    const auto* content = c.repo.blobs[number].content();
    if (content == nullptr || (file.size && *file.size < content->size)) continue;
    c.unlinked_blobs[number] = true;
    if (file.named_by.empty() && state.revision->exists && !was_downloaded_for_this(c, file.etag))
      continue;
    state.incomplete = true;
    state.whole_wanted = true;
    state.missing.emplace_back(file.path);
    if (state.live) continue;
    // A downloader that writes to the final name was stopped: clients would link the blob as it is.
    if (file.size && content->size < *file.size) {
      raise_missing_file(c, state, file);
      auto& message = c.findings.back().message;
      message += "; only " + human_bytes(content->size) + " of " + human_bytes(*file.size) +
                 " of its blob are here";
      continue;
    }
    auto& finding = c.raise(
        state.revision->entries.empty() ? FindingId::lost_link : FindingId::missing_file,
        c.place(state, file.path),
        printable(file.path) + " is downloaded, and the snapshot has no entry for it", &state);
    finding.fix = fix::relink;
    finding.details.emplace_back(detail_key::blob, std::string(file.etag));
  }
}

}  // namespace hfaudit
