#include "repair/sharing_rule.hpp"

#include "cache/blob_name.hpp"
#include "hfaudit/identity.hpp"

namespace hfaudit {
namespace {

using namespace mode_bits;

constexpr std::uint32_t both_read = owner_read | group_read;
constexpr std::uint32_t both_write = owner_write | group_write;
constexpr std::uint32_t both_enter = 0100 | group_enter;

std::string_view first_part(std::string_view& path) {
  const auto slash = path.find('/');
  const auto part = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return part;
}

SharedEntry lock_or_folder(std::string_view path, FileType type) {
  if (type == FileType::directory) return SharedEntry::folder;
  const bool lock = type == FileType::regular && path.ends_with(".lock");
  return lock ? SharedEntry::lock : SharedEntry::other;
}

SharedEntry file_in_blobs(std::string_view name) {
  const auto known = classify_blob_name(name);
  switch (known.kind) {
    case BlobNameKind::blob:
      return looks_like_etag(name) ? SharedEntry::blob : SharedEntry::other;
    case BlobNameKind::lock:
      return SharedEntry::lock;
    case BlobNameKind::partial: {  // the only one that clients of other processes resume
      const auto etag = name.substr(0, name.find('.'));
      const bool resumed = looks_like_etag(etag) && name.substr(etag.size()) == ".incomplete";
      return resumed ? SharedEntry::partial : SharedEntry::other;
    }
    default:
      return SharedEntry::other;
  }
}

// `rest`: below the repo folder.
SharedEntry entry_of_repo(std::string_view rest, FileType type) {
  const auto part = first_part(rest);
  const bool known = part == "blobs" || part == "refs" || part == "snapshots" || part == "trees" ||
                     part == ".no_exist" || part == quarantine_folder;
  if (!known) return SharedEntry::other;
  if (type == FileType::directory) return SharedEntry::folder;
  if (type != FileType::regular) return SharedEntry::other;
  const bool direct = rest.find('/') == std::string_view::npos;
  if (part == "blobs") return direct ? file_in_blobs(rest) : SharedEntry::other;
  if (part == "refs") return SharedEntry::ref;
  if (part == "snapshots") return SharedEntry::copy;
  if (part == ".no_exist") return SharedEntry::marker;
  constexpr std::string_view ending = ".json";
  const bool tree = part == "trees" && direct && rest.ends_with(ending) &&
                    is_commit_hash(rest.substr(0, rest.size() - ending.size()));
  return tree ? SharedEntry::tree : SharedEntry::other;
}

ShareEvidence evidence_for(SharedEntry entry) {
  switch (entry) {
    case SharedEntry::lock:
    case SharedEntry::marker:
      return ShareEvidence::empty;
    case SharedEntry::blob:
      return ShareEvidence::digest;
    case SharedEntry::ref:
      return ShareEvidence::commit;
    case SharedEntry::tree:
      return ShareEvidence::listing;
    case SharedEntry::other:
    case SharedEntry::folder:
    case SharedEntry::partial:
    case SharedEntry::copy:
      break;
  }
  return ShareEvidence::nothing;
}

bool is_written_by_members(SharedEntry entry) {
  return entry == SharedEntry::lock || entry == SharedEntry::marker ||
         entry == SharedEntry::partial || entry == SharedEntry::ref;
}

// Its owner has made it read-only, so no client adds to it.
bool is_frozen(const FileInfo& meta) {
  return (meta.mode & owner_write) == 0;
}

std::optional<SharingFix> fix_for_folder(const FileInfo& meta, const Sharing& sharing) {
  const bool write = !is_frozen(meta);
  const auto& now = meta.members;
  if (now.read && now.enter && (now.write || !write)) return std::nullopt;
  const auto bits = both_read | both_enter | (write ? both_write | set_gid : 0U);
  // Another user's private folder can have been given this name.
  const bool open = now.read && now.enter;
  return SharingFix{{sharing.gid, meta.mode | bits, write, bits},
                    open ? ShareEvidence::none : ShareEvidence::names};
}

}  // namespace

SharedEntry shared_entry_at(std::string_view path, FileType type) {
  if (path.empty()) return type == FileType::directory ? SharedEntry::folder : SharedEntry::other;
  auto rest = path;
  const auto top = first_part(rest);
  if (top == ".locks") return lock_or_folder(path, type);
  if (!parse_repo_folder(std::string(top))) return SharedEntry::other;
  if (rest.empty()) return type == FileType::directory ? SharedEntry::folder : SharedEntry::other;
  return entry_of_repo(rest, type);
}

std::optional<SharingFix> sharing_fix_for(const FileInfo& meta, SharedEntry entry,
                                          const Sharing& sharing) {
  if (entry == SharedEntry::other) return std::nullopt;
  if (entry == SharedEntry::folder) return fix_for_folder(meta, sharing);
  const bool lock = entry == SharedEntry::lock;
  const bool write = lock || (is_written_by_members(entry) && !is_frozen(meta));
  const auto& now = meta.members;
  if (now.read && (now.write || !write)) return std::nullopt;
  const auto bits = both_read | (write ? both_write : 0U);
  SharingFix fix{{sharing.gid, meta.mode | bits, false, bits}, evidence_for(entry)};
  // Files that members may read already are no secret.
  const bool unproven = entry == SharedEntry::partial || entry == SharedEntry::blob ||
                        entry == SharedEntry::tree || entry == SharedEntry::copy;
  if (now.read && unproven) fix.evidence = ShareEvidence::none;
  return fix;
}

GroupShare inheritance_of(const FileInfo& meta, const Sharing& sharing) {
  if (is_frozen(meta)) return {meta.gid, meta.mode, false};
  return {sharing.gid, meta.mode | set_gid, true};
}

std::optional<SharingFix> passage_fix_for(const FileInfo& meta, const Sharing& sharing) {
  if (meta.members.enter) return std::nullopt;
  return SharingFix{{sharing.gid, meta.mode | group_enter, false, group_enter},
                    ShareEvidence::none};
}

bool is_known_child(std::string_view folder, std::string_view name, FileType type) {
  if (name == ".DS_Store" || is_python_temporary(name) || is_umask_probe(name)) return true;
  auto rest = folder;
  const auto top = first_part(rest);
  if (top == ".locks") return type == FileType::directory || name.find(".lock") != name.npos;
  if (rest.empty()) {
    const auto path = std::string(folder) + "/" + std::string(name);
    return name == ".hf-fm-snapshot.json" ||
           shared_entry_at(path, FileType::directory) != SharedEntry::other;
  }
  const bool direct = rest.find('/') == std::string_view::npos;
  if (!direct) return true;
  if (rest == "blobs") {
    const auto known = classify_blob_name(name);
    return known.kind != BlobNameKind::blob || looks_like_etag(name);
  }
  if (rest == "snapshots" || rest == ".no_exist") return looks_like_etag(name);
  if (rest == "trees") return name.ends_with(".json") || name.ends_with(".tmp");
  return true;
}

// `logs`, and for each endpoint its name and a hash.
bool is_known_child_of_xet(std::string_view name, FileType type) {
  constexpr std::size_t longest_name = 16, hash = 16;
  const auto dash = name.size() > hash ? name.size() - hash - 1 : 0;
  const bool endpoint = dash > 0 && dash <= longest_name && name[dash] == '-';
  return type == FileType::directory && (name == "logs" || endpoint);
}

// `{"format_version": 1, "files": {…`, with any blanks.
bool begins_as_listing(std::string_view text) {
  std::string_view wanted = R"({"format_version":1,"files":{)";
  for (const char c : text) {
    if (wanted.empty()) break;
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    if (c != wanted.front()) return false;
    wanted.remove_prefix(1);
  }
  return wanted.empty();
}

}  // namespace hfaudit
