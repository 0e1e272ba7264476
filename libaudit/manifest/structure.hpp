// What a file's own first and last bytes say about it: is it what its name says, and all there?
//
// Reads headers and trailers only, never the payload. Memory is bounded by the limits below, whatever a header
// claims. Pure but for the ByteSource; no function here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/byte_source.hpp"

namespace hfaudit {

enum class FileFormat { other, safetensors, gguf, torch };

// By the last path component: `*.safetensors`, `*.gguf`, `*.bin|*.pt|*.pth|*.ckpt` (zip or legacy pickle).
[[nodiscard]] FileFormat format_of(std::string_view path);

enum class StructureState {
  sound,            // the header is well-formed and the size agrees with it
  truncated,        // shorter than its own header says (an empty file of a known format too)
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
  std::optional<std::uint64_t> expected_size;  // what the header says, where it says one
  std::optional<LfsPointer> pointer;           // for lfs_pointer
  std::string detail;                          // a short phrase for the message: "an HTML page", "header of 9 EB"
};

// Judges `source` as a file of `format`. For FileFormat::other only pointers are recognised.
// An error is an I/O error of the source, nothing else.
[[nodiscard]] Result<Structure> examine(FileFormat format, ByteSource& source);

// Each reader by itself, for tests and fuzzers. They expect that pointers and error pages were ruled out.
[[nodiscard]] Result<Structure> examine_safetensors(ByteSource& source);
[[nodiscard]] Result<Structure> examine_gguf(ByteSource& source);
[[nodiscard]] Result<Structure> examine_torch(ByteSource& source);

// `version https://git-lfs.github.com/spec/v1` (or hawser) in at most 1,024 bytes; format: git-lfs docs/spec.md.
[[nodiscard]] std::optional<LfsPointer> parse_lfs_pointer(std::string_view text);

}  // namespace hfaudit
