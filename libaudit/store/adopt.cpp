#include "store/adopt.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "cache/blob_name.hpp"
#include "listings/chunk_state.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view partial_suffix = ".hfaudit.incomplete";

// hf-hub's `.sync.part`: as long as the file will be, and eight bytes more, which hold the
// progress.
std::uint64_t committed_by_hf_hub(os::File& file, std::uint64_t size) {
  std::array<char, 8> record{};
  // cut to its length just before the rename
  if (file.size() <= size) return file.size() == size ? size : 0;
  if (file.size() != size + record.size()) return 0;
  const auto got = file.read_at(size, record);
  if (!got || *got != record.size()) return 0;
  std::uint64_t committed = 0;
  for (auto byte = record.rbegin(); byte != record.rend(); ++byte)
    committed = (committed << 8U) | static_cast<unsigned char>(*byte);
  return std::min(committed, size);
}

std::uint64_t noted_by_hf_fetch_model(const os::Directory& folder, const std::string& name,
                                      std::string_view etag, std::uint64_t size) {
  const auto state = folder.open_file(name + ".state");
  return state ? contiguous_bytes(**state, etag, size) : 0;
}

// Where the pages of zeros at the end of the first `length` bytes begin.
std::uint64_t without_zero_pages(os::File& file, std::uint64_t length) {
  constexpr std::uint64_t page = 4096;
  constexpr std::uint64_t most_at_once = 64 * page;
  std::vector<char> buffer(most_at_once);
  while (length > 0) {
    const auto begin = (length - 1) / most_at_once * most_at_once;
    const std::span<char> bytes(buffer.data(), static_cast<std::size_t>(length - begin));
    const auto got = file.read_at(begin, bytes);
    if (!got || *got != bytes.size()) return 0;
    // from the end
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](char c) { return c != '\0'; });
    if (last != bytes.rend()) {
      const auto used = begin + static_cast<std::uint64_t>(bytes.rend() - last);
      return std::min(length, (used + page - 1) / page * page);
    }
    length = begin;
  }
  return 0;
}

// `tmp-<etag>.part-01` of HuggingFaceModelDownloader (Go): a segment from within the file.
bool is_later_segment(std::string_view name) {
  constexpr std::string_view part = ".part-";
  const auto at = name.rfind(part);
  return name.starts_with("tmp-") && at != std::string_view::npos &&
         name.find_first_not_of('0', at + part.size()) != std::string_view::npos;
}

}  // namespace

std::string partial_name(const std::string& stem) {
  return stem + std::string(partial_suffix);
}

std::string unique_partial_name(const std::string& stem) {
  return stem + "." + os::random_suffix() + std::string(partial_suffix);
}

std::string evidence_name(const std::string& stem) {
  return stem + ".hfaudit.wrong";
}

std::string pieces_name(std::string_view partial) {
  constexpr std::string_view last = "incomplete";
  return std::string(partial.substr(0, partial.size() - last.size())) + "pieces";
}

bool is_own_partial_name(std::string_view name) {
  return name.ends_with(partial_suffix);
}

std::vector<std::string> LeftoverNames::of(const std::string& stem) {
  const std::scoped_lock lock(mutex_);
  if (!listed_ || std::chrono::steady_clock::now() - *listed_ > std::chrono::seconds(1)) list();
  std::vector<std::string> found;
  const auto [begin, end] = names_.equal_range(stem);
  for (auto name = begin; name != end; ++name)
    found.push_back(name->second);
  // Ours first, and in an order that is independent of the folder's.
  std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
    return is_own_partial_name(a) != is_own_partial_name(b) ? is_own_partial_name(a) : a < b;
  });
  return found;
}

void LeftoverNames::list() {
  names_.clear();
  listed_ = std::chrono::steady_clock::now();
  const auto folder = folder_->open_directory(".");  // a Directory is listed once
  if (!folder) return;
  (void)folder->list([&](const os::DirectoryEntry& entry) {
    if (is_plain_etag(entry.name)) return;
    auto known = classify_blob_name(entry.name);
    if (known.kind == BlobNameKind::partial) names_.emplace(std::move(known.etag), entry.name);
  });
}

std::optional<Leftover> inspect_leftover(const std::shared_ptr<const os::Directory>& folder,
                                         const std::string& name, std::string_view etag,
                                         std::uint64_t size) {
  if (is_later_segment(name)) return std::nullopt;
  const auto file = folder->open_file(name);
  if (!file) return std::nullopt;
  auto usable = std::min(os::data_end(**file), size);
  if (name.ends_with(".sync.part")) usable = std::min(usable, committed_by_hf_hub(**file, size));
  if (name.ends_with(".chunked.part"))
    usable = std::min(usable, noted_by_hf_fetch_model(*folder, name, etag, size));
  else if (!is_own_partial_name(name))
    usable = without_zero_pages(**file, usable);
  if (usable == 0) return std::nullopt;
  return Leftover{folder, name, usable, (*file)->meta()};
}

std::optional<Leftover> longest_leftover(LeftoverNames& names, const std::string& stem,
                                         std::string_view etag, std::uint64_t size) {
  std::optional<Leftover> best;
  for (const auto& name : names.of(stem)) {
    auto found = inspect_leftover(names.folder(), name, etag, size);
    if (found && (!best || found->prefix > best->prefix)) best = std::move(found);
  }
  return best;
}

}  // namespace hfaudit
