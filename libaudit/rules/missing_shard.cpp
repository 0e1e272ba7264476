// # missing-shard
//
// A part of the weights is absent: an index such as `model.safetensors.index.json` names it, or the
// names of the other parts count it (`model-00002-of-00006.safetensors`). Also a number that is
// left out between the parts of a set without a count (`consolidated.00.pth`, `weights.00.npz`,
// `x.gguf-split-a`), and the next piece of a cut file that is shorter than its own header says.
//
// Why it matters: loading fails at this part, after the others have been read. Clients that ignore
// listings report the download as complete.
//
// Not raised: if the listing omits the file; for an index whose files are all absent, beside
// another complete set of weights in the same folder (a download with `--exclude`); for numbered
// files of datasets and spaces; while a process downloads the revision; for a part that a partial
// file stands for.
//
// Causes: a client that was killed between two parts, a download of the JSON files alone, a part
// that was deleted by hand.
#include "listings/part_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

bool is_shard(const ExpectedFile& file) {
  const auto is_part = [](std::string_view path) {
    return is_weight_file(path) || parse_shard_name(path) || parse_part_name(path);
  };
  const auto& by = file.named_by;
  return is_part(file.path) && (is_weight_index(by) || (is_part(by) && !by.ends_with(".onnx")));
}

void raise_missing_shard(RepoCheck& c, const RevisionState& state, const ExpectedFile& file) {
  auto& finding = c.raise(
      FindingId::missing_shard, c.place(state, file.path),
      printable(file.path) + " is missing; " + printable(file.named_by) + " names it", &state);
  finding.bytes = file.size.value_or(0);
  add_blob_here(c, state, file, finding);
  finding.details.emplace_back(detail_key::named_by, std::string(file.named_by));
}

}  // namespace hfaudit
