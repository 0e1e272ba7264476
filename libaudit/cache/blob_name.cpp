#include "cache/blob_name.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/path.hpp"

namespace hfaudit {
namespace {

bool is_alnum_or_underscore(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::optional<std::string_view> without_suffix(std::string_view name, std::string_view suffix) {
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

// `<etag>.<8 hex>`, `<etag>.hfaudit` and `<etag>.<8 hex>.hfaudit` -> `<etag>`; anything else is an
// etag as it stands.
std::string_view etag_of_incomplete(std::string_view stem) {
  if (const auto ours = without_suffix(stem, ".hfaudit")) stem = *ours;
  const auto dot = stem.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return stem;
  const auto tail = stem.substr(dot + 1);
  return tail.size() == 8 && is_hex(tail) ? stem.substr(0, dot) : stem;
}

// `.<etag>.<8 hex>.shared`, `.new`, `.old`: a link that is about to take the place of a blob.
bool is_swap_name(std::string_view name) {
  if (!name.starts_with('.')) return false;
  for (const std::string_view suffix : {".shared", ".new", ".old"}) {
    const auto stem = without_suffix(name, suffix);
    if (!stem) continue;
    const auto dot = stem->rfind('.');
    if (dot != std::string_view::npos && dot > 1 && is_hex(stem->substr(dot + 1))) return true;
  }
  return false;
}

// HuggingFaceModelDownloader (Go): `tmp-<sha256>`, and for files of 32 MiB and more
// `tmp-<sha256>.part-00`, `-01`, …, a segment of the file each.
std::string_view etag_of_go_partial(std::string_view name) {
  constexpr std::string_view prefix = "tmp-";
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  const auto etag = name.substr(0, name.find('.'));
  const auto rest = name.substr(etag.size());
  return is_plain_etag(etag) && (rest.empty() || rest.starts_with(".part")) ? etag
                                                                            : std::string_view();
}

// Programs that copy or download the blob under its own name: `<etag>.tmp`, `<etag>.1a2b3c4d.tmp`,
// `.<etag>.q3ZtBc` of rsync, `<etag>.1a2b3c4d.partial` of rclone, and those of browsers.
std::string_view etag_of_other_partial(std::string_view name) {
  constexpr std::array<std::string_view, 20> suffixes = {
      ".tmp",        ".partial",    ".filepart",    ".download",    ".crdownload",
      ".!qB",        ".!ut",        ".!bt",         ".bc!",         ".xltd",
      ".td",         ".temp",       ".dtapart",     ".fdmdownload", ".baiduyun.p.downloading",
      ".unfinished", ".opdownload", ".downloading", ".aria2__temp", ".curltmp"};
  for (const auto suffix : suffixes) {
    const auto stem = without_suffix(name, suffix);
    if (!stem) continue;
    const auto etag = etag_of_incomplete(*stem);
    if (is_plain_etag(etag)) return etag;
    if (etag.starts_with('.') && is_plain_etag(etag.substr(1))) return etag.substr(1);
  }
  constexpr std::size_t random = 7;  // with its dot
  if (!name.starts_with('.') || name.size() <= random + 1) return {};
  const auto etag = name.substr(1, name.size() - 1 - random);
  const auto rest = name.substr(name.size() - random);
  const bool rsync = is_plain_etag(etag) && rest.front() == '.' &&
                     std::all_of(rest.begin() + 1, rest.end(), is_alnum_or_underscore);
  return rsync ? etag : std::string_view();
}

}  // namespace

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool is_umask_probe(std::string_view name) {
  return name.starts_with("tmp_") && name.size() == 40;
}

bool is_python_temporary(std::string_view name) {
  return name.size() == 11 && name.starts_with("tmp") &&
         std::all_of(name.begin() + 3, name.end(), is_alnum_or_underscore);
}

bool is_partial_of_other_program(std::string_view name) {
  return !etag_of_other_partial(name).empty();
}

bool is_lock_debris(std::string_view name) {
  return name.find(".lock.break.") != std::string_view::npos ||
         name.find(".lock.restore.") != std::string_view::npos;
}

bool is_plain_etag(std::string_view name) {
  return (name.size() == 40 || name.size() == 64) && is_hex(name);
}

bool is_hash_of_nothing(std::string_view name) {
  return name == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" ||
         name == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
}

bool looks_like_etag(std::string_view name) {
  if (is_plain_etag(name)) return true;
  if (name.starts_with("W/")) name.remove_prefix(2);
  if (name.starts_with("\"")) name.remove_prefix(1);
  if (name.ends_with("\"")) name.remove_suffix(1);
  const auto dash = name.find('-');
  if (dash != std::string_view::npos) {
    const auto parts = name.substr(dash + 1);
    const bool number = !parts.empty() && std::all_of(parts.begin(), parts.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
    return number && dash == 32 && is_hex(name.substr(0, dash));
  }
  return (name.size() == 32 || name.size() == 40 || name.size() == 64) && is_hex(name);
}

BlobName classify_blob_name(std::string_view name) {
  if (is_plain_etag(name)) return {BlobNameKind::blob, std::string(name)};
  if (is_umask_probe(name) || is_python_temporary(name)) return {BlobNameKind::temporary, ""};
  if (is_swap_name(name) || is_lock_debris(name)) return {BlobNameKind::temporary, ""};
  if (const auto etag = etag_of_other_partial(name); !etag.empty())
    return {BlobNameKind::partial, std::string(etag)};
  if (name.ends_with(".tmp") && looks_like_etag(name.substr(0, name.find('.'))))
    return {BlobNameKind::temporary, ""};
  if (const auto etag = etag_of_go_partial(name); !etag.empty())
    return {BlobNameKind::partial, std::string(etag)};
  if (const auto stem = without_suffix(name, ".incomplete.meta"))
    return {BlobNameKind::state, std::string(*stem)};
  if (const auto stem = without_suffix(name, ".incomplete")) {
    return {BlobNameKind::partial, std::string(etag_of_incomplete(*stem))};
  }
  constexpr std::array<std::string_view, 4> partial_suffixes = {".chunked.part", ".sync.part",
                                                                ".part", ".downloadInProgress"};
  for (const auto suffix : partial_suffixes) {
    if (const auto stem = without_suffix(name, suffix))
      return {BlobNameKind::partial, std::string(*stem)};
  }
  // control files of aria2, axel and lftp, which write to the final name
  for (const std::string_view suffix : {".aria2", ".st", ".lftp-pget-status"}) {
    const auto stem = without_suffix(name, suffix);
    if (stem && is_plain_etag(*stem)) return {BlobNameKind::state, std::string(*stem)};
  }
  if (const auto stem = without_suffix(name, ".hfaudit.wrong"))
    return {BlobNameKind::evidence, std::string(*stem)};
  if (const auto stem = without_suffix(name, ".chunked.part.state"))
    return {BlobNameKind::state, std::string(*stem)};
  if (const auto stem = without_suffix(name, ".hfaudit.pieces"))
    return {BlobNameKind::state, std::string(etag_of_incomplete(*stem))};
  if (const auto stem = without_suffix(name, ".lock"))
    return {BlobNameKind::lock, std::string(*stem)};
  return {BlobNameKind::blob, std::string(name)};
}

bool may_be_partial(std::string_view path) {
  if (path.ends_with(" (deleted)")) return false;
  const auto folder = parent_path(path);
  if (folder.empty()) return false;
  const auto name = last_component(path);
  return classify_blob_name(name).kind == BlobNameKind::partial || is_python_temporary(name) ||
         folder.ends_with("/tmp");
}

}  // namespace hfaudit
