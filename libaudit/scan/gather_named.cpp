#include "scan/gather_named.hpp"

#include <algorithm>
#include <set>

#include "base/path.hpp"
#include "listings/file_role.hpp"

namespace hfaudit {

Entry* find_in(Revision& revision, const std::string& path) {
  auto& entries = revision.entries;
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, const std::string& p) { return entry.path < p; });
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

void follow_imports(Revision& revision, std::vector<Named>& named,
                    const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  constexpr std::size_t most_code_files = 200;
  constexpr std::size_t most_code_bytes = std::size_t{1024} * 1024;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < named.size() && seen.size() < most_code_files; ++i) {
    if (named[i].kind != NamedKind::code) continue;
    const auto path = named[i].paths.front();
    if (!seen.insert(path).second) continue;
    auto* entry = find_in(revision, path);
    if (entry == nullptr || !entry->exists || entry->meta.type != FileType::regular) continue;
    const auto file = open(*entry);
    if (!file) continue;
    std::string text(
        static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), most_code_bytes)), '\0');
    const auto got = file->read_at(0, text);
    text.resize(got.value_or(0));
    auto imports = relative_imports(path, text);
    std::move(imports.begin(), imports.end(), std::back_inserter(named));
  }
}

namespace {

// aria2 saves its notes each minute.
constexpr std::int64_t notes_are_behind_ns = 120LL * 1'000'000'000;

// aria2 and its relatives allocate the whole file and remove their notes at the end: as long
// as they are here, a file is unfinished however long it is.
void add_with_notes(Revision& revision, const RevisionEvidence& evidence,
                    std::vector<std::pair<std::string, Structure>>& unfinished) {
  for (const auto& entry : revision.entries) {
    const auto name = last_component(entry.path);
    if (entry.kind != EntryKind::copy || !is_notes_name(name)) continue;
    const auto* data = find_in(revision, entry.path.substr(0, entry.path.rfind('.')));
    if (data == nullptr || data->kind != EntryKind::copy || !data->exists) continue;
    // a file that came later by other means
    if (data->meta.mtime_ns > entry.meta.mtime_ns + notes_are_behind_ns) continue;
    const auto known = evidence.structures.find(data->path);
    const bool reported = known != evidence.structures.end() &&
                          known->second->state != StructureState::sound &&
                          known->second->state != StructureState::cannot_tell;
    if (reported) continue;
    Structure structure;
    structure.state = StructureState::truncated;
    structure.detail = "its download is unfinished, as " + entry.path + " shows";
    unfinished.emplace_back(data->path, std::move(structure));
  }
}

}  // namespace

std::vector<std::pair<std::string, Structure>> shorter_than_named(
    Revision& revision, const RevisionEvidence& evidence) {
  std::vector<std::pair<std::string, Structure>> shorter;
  add_with_notes(revision, evidence, shorter);
  for (const auto& named : evidence.named) {
    if (named.least_bytes == 0) continue;
    const auto* entry = find_in(revision, named.paths.front());
    if (entry == nullptr || !entry->exists || entry->to_partial ||
        entry->meta.type != FileType::regular || entry->meta.size >= named.least_bytes)
      continue;
    // A pointer or an error page has its own finding.
    const auto known = evidence.structures.find(entry->path);
    if (known != evidence.structures.end() && known->second->state != StructureState::cannot_tell)
      continue;
    Structure structure;
    structure.state = StructureState::truncated;
    structure.expected_size = named.least_bytes;
    structure.detail = "ends within the tensors that " + named.named_by + " has in it";
    structure.outweighed_by_size = true;
    shorter.emplace_back(entry->path, std::move(structure));
  }
  return shorter;
}

void find_dependencies(const os::Directory& hub, Evidence& evidence) {
  for (auto& revision : evidence.revisions) {
    for (auto& named : revision.named) {
      if (named.kind != NamedKind::dependency) continue;
      const auto meta = hub.stat(RepoId{RepoType::model, named.repo}.folder());
      named.in_cache = meta.has_value() || !os::is_absent(meta.error());
    }
  }
}

}  // namespace hfaudit
