// A file that a fixture names: its true content, which gives it its name, and what really lies on
// the disk.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixture_formats.hpp"

namespace hfaudit::fixture {

enum class BlobKind { git, lfs, xet };

struct Blob {
  BlobKind kind = BlobKind::git;
  std::string name;             // what a client calls the blob
  std::string xet;              // the Xet hash, for BlobKind::xet
  Content content;              // as the Hub has it
  std::optional<Content> disk;  // as it lies here; nullopt: absent
  // below blobs/; false for a file that lies in a snapshot or a --local-dir alone
  bool stored = true;
};

using Blobs = std::map<std::string, Blob, std::less<>>;  // by name

// What stands after the name in `git NAME …`, `lfs NAME …`: CONTENT [OPTION…] [as:NAME] [|
// DAMAGE…].
// `words` begins at CONTENT; `salt` is the default for salt:.
[[nodiscard]] Blob parse_blob(BlobKind kind, const std::vector<std::string>& words,
                              std::string_view salt, const Blobs& known);

// CONTENT [OPTION…] alone, as `file PATH …` has it.
[[nodiscard]] Content parse_content(const std::vector<std::string>& words, std::string_view salt,
                                    const Blobs& known);

// The value of one file in trees/<commit>.json; `size` overrides the true one.
[[nodiscard]] std::string tree_value(const Blob& blob, std::optional<std::uint64_t> size);

}  // namespace hfaudit::fixture
