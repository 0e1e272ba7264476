// # size-mismatch
//
// A file has another size than the listing gives, or is longer than its own safetensors header
// says, or is empty although the name of its blob differs from the hash of empty content.
//
// Why it matters: clients check the size only during the download. Loading fails, or reads wrong
// weights.
//
// Not raised: for a file that holds an LFS pointer or an error page, which has its own finding.
// Files that a git clone has outside LFS are edited: their size is ignored. Without a listing a
// file that is shorter than its header says is a truncated-file. Content in the shared store is a
// shared-blob-broken. An empty file in the place of a link to content that is here is a lost-link.
//
// Causes: a second writer that appended to a finished blob, huggingface_hub before 1.5 after a
// server had ignored the range of a resumed request, clients without a check of the size (hf-hub
// 1.x, huggingface.js), a file that was edited in its place. A power cut leaves files without
// content.
#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// A blob's name is the hash of its content, and empty content has but two.
bool is_emptied(const RepoCheck& c, const Entry& entry) {
  const auto* blob = blob_of(c.repo, entry);
  if (entry.meta.size != 0 || blob == nullptr) return false;
  const auto& name = blob->name;
  return is_plain_etag(name) && !is_hash_of_nothing(name) &&
         name.find_first_not_of('0') != std::string::npos;
}

[[nodiscard]] bool says_nothing(const Structure* structure) {
  return structure == nullptr || structure->state == StructureState::cannot_tell;
}

// The blob of an entry that should be a link and is a file of another size. A copy that was edited
// in its place holds the only trace of the edit: just an empty one is replaced by a link.
bool is_emptied_link(RepoCheck& c, RevisionState& state, const Entry& entry) {
  if (entry.kind != EntryKind::copy || c.context.local_dir) return false;
  const auto blob = c.blob_here(state, entry.path, {});
  if (blob.empty()) return false;
  // The listing wants it: no space to reclaim.
  c.unlinked_blobs[static_cast<std::size_t>(c.repo.find_blob(blob))] = true;
  return entry.meta.size == 0;
}

void raise_other_size(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  const auto& entry = file.entry;
  if (is_emptied_link(c, state, entry)) {
    state.incomplete = true;
    state.missing.push_back(entry.path);
    return raise_lost_link(c, state, entry);
  }
  const auto* blob = blob_of(c.repo, entry);
  const bool shared = blob != nullptr && blob->shared;
  const auto id = shared ? FindingId::shared_blob_broken : FindingId::size_mismatch;
  auto& finding = raise_wrong_content(
      c, state, id, entry,
      printable(entry.path) + " " + size_and_expected(entry.meta.size, *file.expected->size));
  finding.details.emplace_back(detail_key::expected, *file.expected->size);
  finding.details.emplace_back(detail_key::basis, std::string(to_string(state.manifest.basis)));
  if (shared) finding.details.emplace_back(detail_key::payload, payload_of(*blob));
}

void raise_longer_than_header(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  const auto& entry = file.entry;
  const auto expected = file.structure->expected_size;
  auto& finding = raise_wrong_content(
      c, state, FindingId::size_mismatch, entry,
      printable(entry.path) + " " +
          (expected ? size_and_expected(entry.meta.size, *expected) + " by its own header"
                    : "is cut short: " + file.structure->detail));
  if (expected) finding.details.emplace_back(detail_key::expected, *expected);
  finding.details.emplace_back(detail_key::basis, std::string(to_string(Basis::structure)));
}

}  // namespace

bool check_size_mismatch(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  if (file.has_known_size() && !file.has_right_size()) {
    raise_other_size(c, state, file);
  } else if (!file.has_known_size() && says_nothing(file.structure) && is_emptied(c, file.entry)) {
    raise_wrong_content(
        c, state, FindingId::size_mismatch, file.entry,
        printable(file.entry.path) + " is empty, and its blob's name is not that of empty content");
  } else if (file.structure != nullptr && file.structure->state == StructureState::oversized) {
    raise_longer_than_header(c, state, file);
  } else {
    return false;
  }
  return true;
}

}  // namespace hfaudit
