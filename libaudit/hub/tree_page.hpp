// Reads the answers of the Hub's API. Pure; all of it is untrusted.
//
// A page of GET /api/models/acme/six/tree/<commit>?recursive=true&expand=false is an array of
// entries:
//   [{"type":"directory","oid":"…","size":0,"path":"onnx"},
//    {"type":"file","oid":"<40 hex>","size":2,"path":"config.json"},
//    {"type":"file","oid":"<40 hex>","size":9,"path":"model.safetensors","xetHash":"<64 hex>",
//     "lfs":{"oid":"<64 hex>","size":9,"pointerSize":134}}]
// Here `lfs.oid` is the sha256; `oid` is the pointer's. Without access to a gated repo xetHash is
// "****…".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "listings/listings.hpp"

namespace hfaudit {

// Adds the files of one page to `files`. A path that leads out of the repo, a bad hash or a file
// without a size makes the whole listing an error: half of a wrong listing would mislead. So do
// more than two million files.
[[nodiscard]] Result<void> read_tree_page(ByteSource& source, std::vector<TreeFile>& files);

// The same of `siblings` in the answer to /api/models/acme/six/revision/<commit>?blobs=true, which
// mirrors without the tree have:
//   {"sha":"…","siblings":[{"rfilename":"config.json","size":2,"blobId":"<40 hex>"},
//    {"rfilename":"a.gguf","size":9,"blobId":"<40 hex>","lfs":{"sha256":"<64 hex>","size":9}}]}
[[nodiscard]] Result<void> read_siblings(ByteSource& source, std::vector<TreeFile>& files);

// Sorts. Error: a path that is listed twice.
[[nodiscard]] Result<Tree> make_tree(std::vector<TreeFile> files);

// The commit in the answer to /api/models/acme/six/revision/main: {"id":"acme/six","sha":"<40
// hex>",…}.
[[nodiscard]] Result<std::string> read_revision_sha(ByteSource& source);

// The target of `rel="next"` in a Link header: <https://…?cursor=…>; rel="next"; else nullopt.
[[nodiscard]] std::optional<std::string_view> next_link(std::string_view link_header);

}  // namespace hfaudit
