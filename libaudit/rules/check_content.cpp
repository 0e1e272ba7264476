#include <algorithm>

#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

std::string sizes(std::uint64_t is, std::uint64_t should) {
  return "has " + std::to_string(is) + " bytes, should have " + std::to_string(should);
}

Finding& raise_wrong(Case& c, RevisionState& state, FindingId id, const Entry& entry, std::string message) {
  state.corrupt = true;
  auto& finding = c.raise(id, c.place(state, entry.path), std::move(message), &state);
  finding.bytes = entry.meta.size;
  finding.details.emplace_back("size", entry.meta.size);
  return finding;
}

// A power cut leaves files of no length. A blob's name is the hash of its content, and empty content has but two.
bool is_emptied(const Case& c, const Entry& entry) {
  if (entry.meta.size != 0 || entry.blob < 0) return false;
  const auto& name = c.repo.blobs[static_cast<std::size_t>(entry.blob)].name;
  constexpr std::string_view git = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
  constexpr std::string_view sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  return is_plain_etag(name) && name != git && name != sha256 && name.find_first_not_of('0') != std::string::npos;
}

// The size that the tree gives is the strongest word; then what the file says of itself.
void check_entry(Case& c, RevisionState& state, const Entry& entry) {
  const auto* expected = find_expected(state.manifest, entry.path);
  const auto known = state.evidence->structures.find(entry.path);
  const auto* structure = known == state.evidence->structures.end() ? nullptr : known->second;
  const bool sized = expected != nullptr && expected->size.has_value();
  const bool right_size = sized && *expected->size == entry.meta.size;

  if (structure != nullptr && structure->state == StructureState::lfs_pointer) {
    if (right_size && !expected->lfs) return;  // the repo's own content happens to be a pointer
    auto& finding = raise_wrong(c, state, FindingId::lfs_pointer, entry,
                                printable(entry.path) + " is a git LFS pointer, not the content");
    if (structure->pointer) finding.details.emplace_back("expected", structure->pointer->size);
    return;
  }
  if (structure != nullptr && structure->state == StructureState::not_the_content) {
    raise_wrong(c, state, FindingId::not_the_content, entry, printable(entry.path) + " is " + structure->detail);
    return;
  }
  if (sized && !right_size) {
    const auto* blob = entry.blob < 0 ? nullptr : &c.repo.blobs[static_cast<std::size_t>(entry.blob)];
    const bool shared = blob != nullptr && blob->shared;
    auto& finding = raise_wrong(c, state, shared ? FindingId::shared_blob_broken : FindingId::size_mismatch, entry,
                                printable(entry.path) + " " + sizes(entry.meta.size, *expected->size));
    finding.details.emplace_back("expected", *expected->size);
    finding.details.emplace_back("basis", std::string(to_string(state.manifest.basis)));
    if (shared) finding.details.emplace_back("payload", payload_of(*blob));
    return;
  }
  if (is_emptied(c, entry) && !sized && structure == nullptr) {
    raise_wrong(c, state, FindingId::size_mismatch, entry,
                printable(entry.path) + " is empty, and its blob's name is not that of empty content");
    return;
  }
  if (structure == nullptr || (right_size && entry.meta.size == 0)) return;
  if (structure->state == StructureState::truncated || structure->state == StructureState::oversized) {
    const bool shorter = structure->state == StructureState::truncated;
    auto& finding = raise_wrong(
        c, state, shorter ? FindingId::truncated_file : FindingId::size_mismatch, entry,
        printable(entry.path) + " " +
            (structure->expected_size ? sizes(entry.meta.size, *structure->expected_size) + " by its own header"
                                      : "is cut short: " + structure->detail));
    if (structure->expected_size) finding.details.emplace_back("expected", *structure->expected_size);
    finding.details.emplace_back("basis", std::string("structure"));
  }
}

}  // namespace

void check_content(Case& c) {
  for (auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      const bool judged =
          entry.exists && !entry.to_partial && !entry.escapes && entry.meta.type == FileType::regular;
      if (judged && c.context.filter.accepts(entry.path)) check_entry(c, state, entry);
    }
    for (const auto& [path, why] : state.evidence->unusable) {
      if (!c.context.filter.accepts(path)) continue;
      const auto at = c.full_path(c.place(state, path));
      const bool told = std::any_of(c.findings.begin(), c.findings.end(),
                                    [&](const Finding& f) { return f.path == at && f.severity != Severity::info; });
      if (told) continue;  // its size was wrong: no wonder that it cannot be read
      state.corrupt = true;
      c.raise(FindingId::not_the_content, c.place(state, path),
              printable(path) + " is no valid index: " + printable(why), &state);
    }
  }
}

}  // namespace hfaudit
