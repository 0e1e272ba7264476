// # truncated-file
//
// A file is shorter than its own header or trailer says: safetensors, GGUF, zip archives and
// checkpoints of torch.save, Flax's MessagePack, Parquet, Arrow, HDF5, ONNX, `.nemo`, `.tar`. Also
// a JSON file that loaders read by name and that breaks off, and data of an ONNX model that is
// shorter than the model says. A file in a snapshot with the control file of aria2, axel or lftp
// beside it is unfinished, too: they allocate the whole length at once.
//
// Why it matters: loading the file fails, often after minutes.
//
// Not raised: for a pickle from before PyTorch 1.6, a GGUF file with an unknown tensor type, and
// other formats without their own length; for an empty file that the listing gives as empty, or
// whose blob has the hash of empty content as its name. If the listing gives the size, a wrong one
// is a size-mismatch; of a right one only weights are still judged by their header.
//
// Causes: a client without a check of the size that lost its connection (hf-hub 1.x,
// huggingface.js, wget), a copy that was aborted, a full disk.
#include <algorithm>

#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

namespace {

// Whether the revision has weights beside this file.
[[nodiscard]] bool has_other_weights(const RevisionState& state, const Entry& entry) {
  const auto& entries = state.revision->entries;
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& other) {
    return &other != &entry && other.exists && other.meta.size != 0 && is_weight_file(other.path);
  });
}

[[nodiscard]] bool is_rightly_empty(const RepoCheck& c, const RevisionState& state,
                                    const FileFacts& file) {
  const auto* blob = blob_of(c.repo, file.entry);
  const auto& path = file.entry.path;
  // The name of a copy leaves its content open, and only a loader's own names have to be more than
  // a placeholder, unless a listing says that it is one. JSON is examined by its name, and no
  // loader parses an empty file.
  const bool listed = file.expected != nullptr && file.expected->size;
  const bool placeholder = !listed && file.entry.kind == EntryKind::copy &&
                           !is_model_weights(path) && !path.ends_with(".safetensors") &&
                           !path.ends_with(".json") && c.repo.repo.type == RepoType::model &&
                           has_other_weights(state, file.entry);
  return placeholder || file.has_right_size() ||
         (blob != nullptr && is_hash_of_nothing(blob->name));
}

}  // namespace

bool check_truncated_file(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  const auto& entry = file.entry;
  if (file.structure == nullptr || file.structure->state != StructureState::truncated) return false;
  if (file.is_outweighed() || (entry.meta.size == 0 && is_rightly_empty(c, state, file)))
    return false;
  const auto expected = file.structure->expected_size;
  auto& finding = raise_wrong_content(
      c, state, FindingId::truncated_file, entry,
      printable(entry.path) + " " +
          (expected ? size_and_expected(entry.meta.size, *expected) + " by its own header"
                    : "is cut short: " + file.structure->detail));
  if (expected) finding.details.emplace_back(detail_key::expected, *expected);
  finding.details.emplace_back(detail_key::basis, std::string(to_string(Basis::structure)));
  return true;
}

}  // namespace hfaudit
