// Examines the first and last bytes of a file: is it of the format of its name, and whole?
//
// Reads headers and trailers only, without the payload. Memory is bounded by fixed limits,
// independent of the header. Nothing here throws.
#pragma once

#include <optional>
#include <string_view>

#include "base/byte_source.hpp"
#include "formats/structure.hpp"

namespace hfaudit {

// By the last path component: `*.safetensors`, `*.gguf`, `*.pt|*.pth|*.ckpt` (torch); `*.bin` is
// torch where it is named as weights are (`pytorch_model.bin`, `model-00001-of-00002.bin`,
// `optimizer.bin`, …), else binary. JSON and text only under the names that loaders read.
[[nodiscard]] FileFormat format_of(std::string_view path);

// Judges `source` as a file of `format`. For FileFormat::other only pointers are recognised. An
// error is always an I/O error of the source.
[[nodiscard]] Result<Structure> examine(FileFormat format, ByteSource& source);

// Each reader by itself, for tests and fuzzers. They expect that pointers and error pages were
// ruled out. A zip of torch is sound where its end record leads to its directory; a tensor's type
// outside ggml's table (a fork's) is accepted in a GGUF file.
[[nodiscard]] Result<Structure> examine_safetensors(ByteSource& source);
[[nodiscard]] Result<Structure> examine_gguf(ByteSource& source);
[[nodiscard]] Result<Structure> examine_torch(ByteSource& source);
[[nodiscard]] Result<Structure> examine_json(ByteSource& source);
[[nodiscard]] Result<Structure> examine_json_object(ByteSource& source);
[[nodiscard]] Result<Structure> examine_text(ByteSource& source);
[[nodiscard]] Result<Structure> examine_parquet(ByteSource& source);
[[nodiscard]] Result<Structure> examine_arrow(ByteSource& source);
[[nodiscard]] Result<Structure> examine_tar(ByteSource& source);
[[nodiscard]] Result<Structure> examine_hdf5(ByteSource& source);
[[nodiscard]] Result<Structure> examine_msgpack(ByteSource& source);
// By the lengths of its outermost fields; which other files it needs: listings/named.hpp.
[[nodiscard]] Result<Structure> examine_onnx(ByteSource& source);

// `version https://git-lfs.github.com/spec/v1` (or hawser) in at most 1,024 bytes; format: git-lfs
// docs/spec.md.
[[nodiscard]] std::optional<LfsPointer> parse_lfs_pointer(std::string_view text);

}  // namespace hfaudit
