// Where a link leads, by its text alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hfaudit {

// The target of a link, relative to some root.
struct LinkTarget {
  bool absolute = false;
  unsigned above = 0;  // components above the root
  std::string path;    // below that: "blobs/abc"
};

// The target of a link with this text at `from`, a path relative to the root.
[[nodiscard]] LinkTarget resolve_link(std::string_view from, std::string_view text);

// The text of the link at snapshots/<commit>/`entry` that leads to a blob, as every client writes
// it.
[[nodiscard]] std::string link_to_blob(std::string_view entry, std::string_view blob);

// The name of the blob that the text of a link names at its end, regardless of its system and its
// folder: `../../blobs/<etag>`, `..\..\blobs\<etag>`, `/old/home/…/blobs/<etag>`,
// `C:\Users\…\blobs\<etag>`. Else empty.
[[nodiscard]] std::string_view blob_named_by(std::string_view text);

// The link's text that a regular file holds in place of a link; else empty. `bytes` is the whole
// file. Written by git without `core.symlinks` and by sync tools as plain text, by macOS on SMB and
// FAT as `XSym`, by Cygwin as `!<symlink>`, by Samba and Interix as `IntxLNK`. Only a text that
// names a blob counts.
[[nodiscard]] std::string link_text_in(std::string_view bytes);

// The sizes that such a file can have.
[[nodiscard]] bool may_be_link_text(std::uint64_t size);

}  // namespace hfaudit
