// Parts without a count in their names: a number that is left out is absent, and so is the next
// part of a cut file if all of them are shorter than the header in the first one says, or if the
// last one lacks the end of its format. Of a data set parts may be left out on purpose: there the
// absent ones are only listed.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>
#include <tuple>

#include "base/path.hpp"
#include "formats/examine.hpp"
#include "listings/file_role.hpp"
#include "listings/part_name.hpp"
#include "scan/gather_named.hpp"
#include "scan/volume_end.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t most_parts = 2'000;
constexpr std::size_t most_absent = 20'000;  // of a revision: names alone may promise any number
// `x.zip.bk` and `x.tar.br` are no pieces: the first of those are .aa, .ab, …
constexpr std::uint32_t most_plain_first = 8;

using OpenEntry = std::function<std::unique_ptr<os::File>(Entry&)>;

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

[[nodiscard]] bool is_any_of(std::string_view format, std::initializer_list<std::string_view> of) {
  return std::find(of.begin(), of.end(), format) != of.end();
}

[[nodiscard]] bool is_cut_short(const PartSet& set, const OpenEntry& open) {
  // the others say nothing of their length
  const bool knows_end =
      is_any_of(set.name.format, {".gguf", ".safetensors", ".7z", ".zip", ".tar", ".xz", ".rar"});
  if (!set.name.cut || set.parts.empty() || !knows_end) return false;
  std::uint64_t total = 0;
  for (const auto& [number, entry] : set.parts) {
    if (!entry->exists || entry->to_partial || entry->meta.type != FileType::regular) return false;
    total += entry->meta.size;
  }
  const auto file = open(*set.parts.begin()->second);
  if (!file) return false;
  if (set.name.format != ".gguf" && set.name.format != ".safetensors") {
    const auto last = set.parts.size() == 1 ? nullptr : open(*set.parts.rbegin()->second);
    if (set.parts.size() > 1 && !last) return false;
    return another_volume_follows(set.name.format, *file, last ? *last : *file, total);
  }
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

namespace {

// Volumes of `zip -s`: the last one, without a number, has their count. With WinRAR's old names it
// is the first, and the last volume says whether another follows.
[[nodiscard]] std::uint32_t last_volume_of(Revision& revision, const PartSet& set,
                                           const OpenEntry& open) {
  auto last = set.parts.rbegin()->first;
  auto* main = find_in(revision, set.name.main);
  if (main == nullptr || set.name.format != ".zip") return last;
  const auto file = open(*main);
  return file ? std::min(std::max(last, numbered_volumes_of_zip(*file)), most_parts) : last;
}

// Many names end with .r50 or .z01. Each volume of WinRAR begins with the format's mark, of zip
// only the first one; the last of zip has their count.
[[nodiscard]] bool are_volumes(Revision& revision, const PartSet& set, const OpenEntry& open) {
  const bool zip = set.name.format == ".zip";
  const auto& [number, entry] = *set.parts.begin();
  auto* counted = zip && number != 1 ? find_in(revision, set.name.main) : entry;
  if (counted == nullptr || !counted->exists) return false;
  const auto file = open(*counted);
  if (!file) return false;
  if (counted != entry) return numbered_volumes_of_zip(*file) > 0;
  const std::string_view mark = zip ? "PK\7\10" : "Rar!\x1A\7";
  std::array<char, 6> head{};
  const auto got = file->read_at(0, head);
  return got && std::string_view(head.data(), *got).starts_with(mark);
}

// A part that is absent is an error where loaders, or people, cannot use the others.
[[nodiscard]] NamedKind kind_of_absent(const PartName& name, PartsOf whole) {
  if (whole != PartsOf::unknown)
    return whole == PartsOf::model ? NamedKind::required : NamedKind::listed;
  const bool weights =
      !name.cut || is_any_of(name.format, {".gguf", ".safetensors", ".bin", ".pth", ".onnx"});
  return weights ? NamedKind::required : NamedKind::listed;
}

}  // namespace

void find_missing_parts(Revision& revision, std::vector<Named>& named, PartsOf whole,
                        const OpenEntry& open) {
  std::map<std::tuple<std::string, std::string, std::size_t>, PartSet> sets;
  for (auto& entry : revision.entries) {
    auto part = parse_part_name(entry.path);
    if (!part || part->number > most_parts) continue;
    auto& set = sets[{part->stem, part->suffix, part->letters ? part->width : 0}];
    set.parts.emplace(part->number, &entry);
    if (set.name.stem.empty() || part->width < set.name.width) set.name = std::move(*part);
  }
  std::size_t absent = 0;
  const auto add = [&](const std::string& path, const PartSet& set) {
    named.push_back(part_after(path, set));
    named.back().kind = kind_of_absent(set.name, whole);
    ++absent;
  };
  for (auto& [key, set] : sets) {
    if (absent >= most_absent) return;
    if (set.name.plain && set.parts.begin()->first >= most_plain_first) continue;
    const auto first = set.name.from_one && !set.parts.contains(0) ? 1U : 0U;
    // `backbone.r50` is of ResNet-50
    const auto& main_name = set.name.main;
    const bool volumes = !main_name.empty();
    if (volumes && set.parts.begin()->first > 2 && find_in(revision, main_name) == nullptr)
      continue;
    if (volumes && !are_volumes(revision, set, open)) continue;
    const auto last = last_volume_of(revision, set, open);
    bool gap = false;
    for (auto number = first; number <= last && absent < most_absent; ++number) {
      if (set.parts.contains(number)) continue;
      add(set.name.sibling(number), set);
      gap = true;
    }
    if (volumes && find_in(revision, main_name) == nullptr) {
      add(main_name, set);
      gap = true;
    }
    // after .r99 comes .s00
    constexpr std::uint32_t last_of_letter = 99;
    if (volumes && (set.name.format == ".zip" || last >= last_of_letter)) continue;
    const auto next = set.name.sibling(last + 1);
    if (!gap && !next.empty() && is_cut_short(set, open)) add(next, set);
  }
}

}  // namespace hfaudit
