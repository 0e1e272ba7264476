// # digest-mismatch
//
// hfaudit-verify(1) has read the file, and the hash of its content differs from that of the
// strongest source: the Hub (`--online`), the cached listing, the commit of a git clone, the record
// of a `--local-dir` download, the name of the blob. The report names the source as `basis`. It is
// a warning in an unused blob, and in a `--local-dir` file that was changed after its download or
// that a git clone has outside LFS; repairs leave such files alone.
//
// Why it matters: the model may load and compute wrong results. Clients load a file without hashing
// it.
//
// Not raised: for content that fulfils the strongest claim (conflicting-digests, if a weaker one
// differs); for a file that already has a finding on its size or format; for a file of a git clone
// outside LFS that has another size (it was edited, or git converted its line ends); for content
// that is an LFS pointer or an error page, which is raised as such.
//
// Causes: a fault of the disk or of memory, a file that was edited in place, a partial file with a
// hole that was resumed (huggingface_hub 0.30 to 1.17 after an interrupted Xet download). Some
// mirrors name blobs by other hashes.
#include "formats/examine.hpp"
#include "formats/sniff.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// The finding that the first bytes show, and its words.
std::pair<FindingId, std::string> kind_of_wrong_content(const ContentRead& read) {
  if (parse_lfs_pointer(read.head))
    return {FindingId::lfs_pointer, " is a git LFS pointer, not the content"};
  if (const auto body = sniff_error_body(read.head, read.size))
    return {FindingId::not_the_content, " is " + *body};
  return {FindingId::digest_mismatch, ""};
}

}  // namespace

void raise_digest_mismatch(RepoCheck& c, const Subject& subject, const Claim& claim,
                           const ContentRead& read) {
  auto [id, words] = kind_of_wrong_content(read);
  const bool of_git = claim.source == ClaimSource::tree && subject.state != nullptr &&
                      subject.state->evidence->of_git;
  if (words.empty()) {
    words = ": checksum mismatch, differs from " +
            (of_git ? std::string("the clone's commit") : name_of_source(claim.source));
  }
  if (claim.outdated) words += of_git ? " (edited, or damaged)" : " (changed after the download)";
  auto& finding = c.raise(id, subject.path, printable(subject.name) + words, subject.state);
  if (claim.outdated) {
    finding.severity = Severity::warning;
    finding.fix = fix::none;  // a repair would undo the user's change
  } else if (subject.state != nullptr) {
    subject.state->corrupt = true;
  }
  finding.bytes = read.size;
  finding.details.emplace_back(detail_key::basis, std::string(to_string(claim.source)));
  finding.details.emplace_back(detail_key::hash, std::string(to_string(claim.kind)));
  finding.details.emplace_back(detail_key::expected, claim.hex);
  if (!subject.payload.empty()) finding.details.emplace_back(detail_key::payload, subject.payload);
  if (!subject.foreign) finding.details.emplace_back(detail_key::actual, read.hash(claim.kind));
}

}  // namespace hfaudit
