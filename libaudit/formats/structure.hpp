// What a file's own first and last bytes say about it: is it what its name says, and all there?
//
// Reads headers and trailers only, never the payload. Memory is bounded by the limits below, whatever a header
// claims. Pure but for the ByteSource; no function here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"

namespace hfaudit {

enum class FileFormat {
  other,
  safetensors,
  gguf,
  torch,  // zip or legacy pickle
  binary  // the same, or anything else: nothing says that it may not be empty
};

// By the last path component: `*.safetensors`, `*.gguf`, `*.pt|*.pth|*.ckpt` (torch); `*.bin` is torch where it is
// named as weights are (`pytorch_model.bin`, `model-00001-of-00002.bin`, `optimizer.bin`, …), else binary.
[[nodiscard]] FileFormat format_of(std::string_view path);

enum class StructureState {
  sound,            // the header is well-formed and the size agrees with it
  truncated,        // shorter than its own header says (an empty file too, unless binary or other)
  oversized,        // safetensors only: longer than its own header says
  lfs_pointer,      // a git LFS pointer stands in place of the content
  not_the_content,  // HTML, a JSON or plain-text error, zeros, or a header that is no header of this format
  cannot_tell       // a format, version or tensor type with no size to check (legacy pickle, new GGUF type)
};

struct LfsPointer {
  std::string sha256;  // 64 hex
  std::uint64_t size = 0;
};

struct Structure {
  StructureState state = StructureState::cannot_tell;
  // What the header says, where it says one; the least that it can be for GGUF, whose last padding is optional.
  std::optional<std::uint64_t> expected_size;
  std::optional<LfsPointer> pointer;  // for lfs_pointer
  std::string detail;                 // a short phrase for the message: "an HTML page", "header of 9 EB"
};

// Judges `source` as a file of `format`. For FileFormat::other only pointers are recognised.
// An error is an I/O error of the source, nothing else.
[[nodiscard]] Result<Structure> examine(FileFormat format, ByteSource& source);

// Each reader by itself, for tests and fuzzers. They expect that pointers and error pages were ruled out. A zip of
// torch is sound where its end record leads to its directory; a tensor's type that ggml's table does not
// explain (a fork's) is never held against a GGUF file.
[[nodiscard]] Result<Structure> examine_safetensors(ByteSource& source);
[[nodiscard]] Result<Structure> examine_gguf(ByteSource& source);
[[nodiscard]] Result<Structure> examine_torch(ByteSource& source);

// `version https://git-lfs.github.com/spec/v1` (or hawser) in at most 1,024 bytes; format: git-lfs docs/spec.md.
[[nodiscard]] std::optional<LfsPointer> parse_lfs_pointer(std::string_view text);

}  // namespace hfaudit
