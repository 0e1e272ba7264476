// Files in a cache that list other files: cached trees, weight indices, diffusers' model index,
// refs, metadata.
//
// All input is untrusted: sizes, nesting and counts are bounded, duplicates and wrong types are
// errors or ignored as the clients do. Parsing is event-driven (no document in memory). No function
// here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "listings/digits.hpp"

namespace hfaudit {

// One file of `trees/<commit>.json`, written by huggingface_hub >= 1.22 (its _tree_cache.py defines
// the format):
//   {"format_version":1,"files":{"config.json":{"size":2,"blob_id":"<40 hex>"},
//    "model.safetensors":{"size":9,"blob_id":"<40 hex>","lfs_sha256":"<64
//    hex>","lfs_size":9,"xet_hash":"<64 hex>"}}}
struct TreeFile {
  // safe: relative, without "..", empty components, NUL or an escape by backslashes
  std::string path;
  std::uint64_t size = 0;  // of the content (lfs_size where given, else size)
  ShortDigits blob_id;     // git object id, 40 hex
  RareDigits lfs_sha256;   // empty for a file outside LFS
  RareDigits xet_hash;     // empty for a file outside Xet

  // The name of the blob that a client gives this file.
  [[nodiscard]] std::string_view etag_view() const {
    return lfs_sha256.empty() ? std::string_view(blob_id) : std::string_view(lfs_sha256);
  }
  [[nodiscard]] std::string etag() const { return std::string(etag_view()); }
};

struct Tree {
  std::vector<TreeFile> files;  // sorted by path
  bool whole = true;            // false: the repo may have more files

  // The file of that path, or null.
  [[nodiscard]] const TreeFile* find(std::string_view path) const;
};

// nullopt: an unknown format_version (to be ignored, as clients do). Error: malformed (a bad path
// or hash included), too big, or I/O; `code` is 0 for malformed.
[[nodiscard]] Result<std::optional<Tree>> read_tree(ByteSource& source);

// `*.safetensors.index.json`, `pytorch_model.bin.index.json`, …:
// {"metadata":{…},"weight_map":{tensor: file}}. The distinct, sorted files, relative to the index's
// folder; unsafe names are an error.
[[nodiscard]] Result<std::vector<std::string>> read_weight_index(ByteSource& source);

// True for `*.index.json` and `*.index.<variant>.json` of the weight formats (safetensors, bin, h5,
// msgpack).
[[nodiscard]] bool is_weight_index(std::string_view path);

// diffusers' `model_index.json`: the names of components, i.e. keys whose value is [library, class]
// with neither null, keys that start with "_" left out. Sorted.
[[nodiscard]] Result<std::vector<std::string>> read_model_index(ByteSource& source);

// A part of a file or of a set of weights, by its name. Loaders write
// `name-00002-of-00006.safetensors` (and .bin, .gguf, .pt, .h5, .msgpack, variants such as
// `model.fp16-00001-of-00002.safetensors` and `name-00001-of-00002.fp16.safetensors`), from 1 or
// from 0, 5 digits or more, sometimes fewer on one side (`model-00001-of-000163.safetensors`).
// People write other separators and omit the padding: `model-1-of-3.safetensors`,
// `model_00001-of-00002.bin`, `T.Q8_0.gguf.part1of2`. Excluded: `epoch-1-of-3.pt`, and more than
// 100,000 parts.
struct ShardName {
  std::string stem;    // before the number, with the separator; folder included
  std::string middle;  // between number and count: "-of-"
  std::string suffix;  // after the count: ".safetensors"
  std::uint32_t number = 0;
  std::uint32_t count = 0;
  std::size_t digits = 5;        // of the number
  std::size_t count_digits = 5;  // of the count

  [[nodiscard]] std::string sibling(std::uint32_t other) const;
};
[[nodiscard]] std::optional<ShardName> parse_shard_name(std::string_view path);

// The content of a ref file. Clients write exactly 40 lower-case hex digits; Python reads it
// without trimming.
enum class RefState { commit, commit_with_space, malformed, empty };
struct RefContent {
  RefState state = RefState::malformed;
  std::string commit;  // for the first two
};
// bytes: at most the first 128 of the file
[[nodiscard]] RefContent parse_ref(std::string_view bytes);

// `.cache/huggingface/download/<path>.metadata` of a --local-dir download: commit, etag and time, a
// line each.
struct LocalMetadata {
  std::string commit;
  std::string etag;
  double timestamp = 0;
};
[[nodiscard]] std::optional<LocalMetadata> parse_local_metadata(std::string_view text);

// The record of one file.
struct LocalRecord {
  std::string file;  // relative to the --local-dir
  LocalMetadata metadata;
};

}  // namespace hfaudit
