// # incomplete-download
//
// A partial file of any known client is here, its blob is absent, and a revision wants that blob. A
// listing or a dangling link connects the two. Without either the partial belongs to the newest
// snapshot folder that is older than its last write. In a repo without a revision the partial alone
// is the evidence. It stands for the file, which is reported once.
//
// Why it matters: no client finds the file. huggingface_hub from 1.18 on downloads it from the
// start; hfaudit-pull(1) resumes it.
//
// Not raised: while a process writes the file or holds its lock (download-in-progress); if the blob
// is complete or unwanted (orphan-partial); if an entry links to it (entry-to-partial); for a file
// that `--include` or `--exclude` leaves out.
//
// Causes: a client that was killed, or that lost its network or its disk space. Known are
// `<etag>.incomplete` (huggingface_hub 0.8 to 1.17, hf-hub 1.x, huggingface.js, swift-huggingface),
// `<etag>.<8 hex>.incomplete` (huggingface_hub from 1.18 on), `.part` and `.sync.part` (hf-hub 0.4
// and 0.5), `.chunked.part` (hf-fetch-model),
// `.downloadInProgress` (llama.cpp), and those of `hfaudit pull`.
#include <algorithm>
#include <string_view>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Files that only a download of the whole repo fetches; loaders ignore them.
bool is_document_entry(const Entry& entry) {
  const std::string_view path = entry.path;
  return path == ".gitattributes" || path.starts_with("README") || path.starts_with("LICENSE");
}

// Whether the download that broke off was of the whole repo, if the listing is absent. A loader
// that asks for one file after the other, and a user who has picked one of many quantized files,
// leave documents out.
bool shows_whole_download(const RepoCheck& c, const Want& want) {
  if (want.state == nullptr || want.state->manifest.exhaustive) return false;
  const auto& entries = want.state->revision->entries;
  // parallel downloads that were killed before their first file
  constexpr std::size_t several = 3;
  if (entries.empty()) return c.repo.partials.size() >= several;
  return std::any_of(entries.begin(), entries.end(), is_document_entry);
}

}  // namespace

void raise_incomplete_download(RepoCheck& c, const Partial& partial, const Want& want) {
  const auto file = file_wanted(partial, want);
  auto& finding = c.raise(FindingId::incomplete_download, partial.path,
                          (file.empty() ? "a file" : printable(file)) + " stopped at " +
                              progress_of(partial, want.file),
                          want.state);
  finding.bytes = partial.present;
  finding.seen = identity_of(partial.meta);
  if (!partial.etag.empty()) finding.details.emplace_back(detail_key::blob, partial.etag);
  finding.details.emplace_back(detail_key::present, partial.present);
  if (!file.empty()) finding.details.emplace_back(detail_key::file, file);
  if (want.file != nullptr && want.file->size)
    finding.details.emplace_back(detail_key::expected, *want.file->size);
  if (shows_whole_download(c, want))
    finding.details.emplace_back(detail_key::wanted, std::string(detail_key::all_files));
}

}  // namespace hfaudit
