// Parts without a count in their names: a number that is left out is absent, and so is the next
// part of a cut file if all of them are shorter than the header in the first one says.
#include <map>
#include <set>
#include <tuple>

#include "base/path.hpp"
#include "formats/examine.hpp"
#include "listings/file_role.hpp"
#include "listings/part_name.hpp"
#include "scan/gather_named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t most_parts = 2'000;

struct PartSet {
  PartName name;
  std::map<std::uint32_t, Entry*> parts;
};

[[nodiscard]] Named part_after(const std::string& path, const PartSet& set) {
  Named named;
  named.paths = {path};
  named.named_by = set.parts.begin()->second->path;
  return named;
}

[[nodiscard]] bool is_cut_short(const PartSet& set,
                                const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  if (!set.name.cut || (set.name.format != ".gguf" && set.name.format != ".safetensors"))
    return false;
  std::uint64_t total = 0;
  for (const auto& [number, entry] : set.parts) {
    if (!entry->exists || entry->to_partial || entry->meta.type != FileType::regular) return false;
    total += entry->meta.size;
  }
  const auto file = open(*set.parts.begin()->second);
  if (!file) return false;
  const auto structure =
      set.name.format == ".gguf" ? examine_gguf(*file) : examine_safetensors(*file);
  return structure && structure->state == StructureState::truncated && structure->expected_size &&
         *structure->expected_size > total;
}

}  // namespace

void find_partial_targets(const Revision& revision, std::vector<Named>& named) {
  for (const auto& entry : revision.entries) {
    if (entry.kind != EntryKind::copy) continue;
    const auto name = last_component(entry.path);
    const auto target = target_of_partial(name);
    const bool is_content = is_weight_file(target) || format_of(target) != FileFormat::other;
    if (target.empty() || !is_content) continue;
    const auto folder = std::string_view(entry.path).substr(0, entry.path.size() - name.size());
    Named one;
    one.paths = {std::string(folder) + std::string(target)};
    one.named_by = entry.path;
    named.push_back(std::move(one));
  }
}

void find_missing_parts(Revision& revision, std::vector<Named>& named,
                        const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  std::map<std::tuple<std::string, std::string, std::size_t>, PartSet> sets;
  for (auto& entry : revision.entries) {
    auto part = parse_part_name(entry.path);
    if (!part || part->number > most_parts) continue;
    auto& set = sets[{part->stem, part->suffix, part->letters ? part->width : 0}];
    set.parts.emplace(part->number, &entry);
    if (set.name.stem.empty() || part->width < set.name.width) set.name = std::move(*part);
  }
  for (auto& [key, set] : sets) {
    const auto first = set.name.from_one && !set.parts.contains(0) ? 1U : 0U;
    const auto last = set.parts.rbegin()->first;
    bool gap = false;
    for (auto number = first; number < last; ++number) {
      if (set.parts.contains(number)) continue;
      named.push_back(part_after(set.name.sibling(number), set));
      gap = true;
    }
    const auto next = set.name.sibling(last + 1);
    if (!gap && !next.empty() && is_cut_short(set, open)) named.push_back(part_after(next, set));
  }
}

}  // namespace hfaudit
