// The pass over files whose content can be judged without reading it all: by size and by their own
// header.
#include "rules/rules.hpp"

namespace hfaudit {

std::string size_and_expected(std::uint64_t size, std::uint64_t expected) {
  return "has " + std::to_string(size) + " bytes, should have " + std::to_string(expected);
}

Finding& raise_wrong_content(RepoCheck& c, RevisionState& state, FindingId id, const Entry& entry,
                             std::string message) {
  state.corrupt = true;
  auto& finding = c.raise(id, c.place(state, entry.path), std::move(message), &state);
  finding.bytes = entry.meta.size;
  finding.seen = identity_of(entry.meta);
  finding.details.emplace_back(detail_key::size, entry.meta.size);
  return finding;
}

void check_content(RepoCheck& c) {
  for (auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      const bool judged = entry.exists && !entry.to_partial && !entry.escapes &&
                          entry.meta.type == FileType::regular;
      if (!judged || !c.context.filter.accepts(entry.path)) continue;
      const auto known = state.evidence->structures.find(entry.path);
      const auto* structure = known == state.evidence->structures.end() ? nullptr : known->second;
      const FileFacts file{entry, find_expected(state.manifest, entry.path), structure};
      // The size in the tree is stronger evidence than the file's own header.
      (void)(check_lfs_pointer(c, state, file) || check_not_the_content(c, state, file) ||
             check_size_mismatch(c, state, file) || check_truncated_file(c, state, file));
    }
    check_unusable_index(c, state);
  }
}

}  // namespace hfaudit
