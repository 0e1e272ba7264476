#include "cache/link_target.hpp"

#include <algorithm>

#include "base/path.hpp"
#include "cache/blob_name.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t xsym_size = 1067, longest_text = 1024;

// UTF-16 of ASCII text, little-endian, up to a NUL.
std::string from_utf16(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size() && bytes[i] != '\0'; i += 2) {
    if (bytes[i + 1] != '\0') return {};
    text += bytes[i];
  }
  return text;
}

// `XSym`, a length of four digits, an MD5 sum and the text, a line each.
std::string_view xsym_text(std::string_view bytes) {
  constexpr std::size_t lines_before_text = 3;
  for (std::size_t i = 0; i < lines_before_text; ++i) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) return {};
    bytes.remove_prefix(end + 1);
  }
  return bytes.substr(0, bytes.find('\n'));
}

// Only steps up, or a path from a root: a document that mentions a blob differs.
bool is_way_to_blobs(std::string_view before) {
  const bool absolute = before.starts_with('/') || before.starts_with('\\') ||
                        (before.size() > 2 && before[1] == ':');
  return absolute || before.find_first_not_of("./\\") == std::string_view::npos;
}

}  // namespace

std::string link_to_blob(std::string_view entry, std::string_view blob) {
  // the commit's own name is without effect on the text
  const auto place = std::string("snapshots/commit/").append(entry);
  return relative_path(parent_path(place), std::string("blobs/").append(blob));
}

std::string_view blob_named_by(std::string_view text) {
  const auto slash = text.find_last_of("/\\");
  if (slash == std::string_view::npos) return {};
  const auto name = text.substr(slash + 1);
  constexpr std::string_view folder = "blobs";
  const auto before = text.substr(0, slash);
  if (!before.ends_with(folder)) return {};
  const auto way = before.substr(0, before.size() - folder.size());
  if (!way.empty() && way.back() != '/' && way.back() != '\\') return {};
  return looks_like_etag(name) ? name : std::string_view();
}

bool may_be_link_text(std::uint64_t size) {
  constexpr std::uint64_t shortest = 38;  // `blobs/` and 32 digits
  return (size >= shortest && size <= longest_text) || size == xsym_size;
}

std::string link_text_in(std::string_view bytes) {
  if (!may_be_link_text(bytes.size())) return {};
  constexpr std::string_view cygwin = "!<symlink>", interix("IntxLNK\1", 8), bom = "\xFF\xFE";
  std::string text;
  if (bytes.starts_with("XSym\n")) {
    text = xsym_text(bytes);
  } else if (bytes.starts_with(interix)) {
    text = from_utf16(bytes.substr(interix.size()));
  } else if (bytes.starts_with(cygwin)) {
    bytes.remove_prefix(cygwin.size());
    text = bytes.starts_with(bom) ? from_utf16(bytes.substr(bom.size())) : std::string(bytes);
  } else {
    text = bytes;
  }
  while (!text.empty() &&
         (text.back() == '\0' || text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  const auto blob = blob_named_by(text);
  const auto before = std::string_view(text).substr(0, text.size() - blob.size());
  const bool one_line = text.find('\n') == std::string::npos;
  constexpr std::size_t folder = 6;  // `blobs/`
  const bool link =
      !blob.empty() && one_line && is_way_to_blobs(before.substr(0, before.size() - folder));
  return link ? text : std::string();
}

LinkTarget resolve_link(std::string_view from, std::string_view text) {
  LinkTarget target;
  if (text.starts_with('/')) {
    target.absolute = true;
    target.path = text;
    return target;
  }
  target.path = parent_path(from);
  while (!text.empty()) {
    const auto end = std::min(text.find('/'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      if (!target.path.empty()) target.path += '/';
      target.path += part;
    } else if (target.path.empty()) {
      ++target.above;
    } else {
      const auto last = target.path.rfind('/');
      target.path.resize(last == std::string::npos ? 0 : last);
    }
  }
  return target;
}

}  // namespace hfaudit
