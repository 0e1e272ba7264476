// Whether a file is of the format of its name, and whole: the result of examine().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hfaudit {

enum class FileFormat {
  other,
  safetensors,
  gguf,
  torch,        // zip or legacy pickle
  binary,       // the same, or anything else: it may be empty
  json,         // JSON that loaders read by its name (modules.json, vocab.json, …)
  json_object,  // the same, where loaders expect an object (config.json, …)
  text,         // other text and tokenizers that loaders read by name: zeros and pages show
  parquet,      // magic at both ends
  arrow,        // Arrow IPC, file or stream; Feather
  zip,          // .npz, .zip, .keras
  tar,          // .nemo
  hdf5,         // .h5
  onnx,
  tflite,
  msgpack,  // Flax
  opaque,   // begins with bytes of its format: pages and messages are detected
  external  // data of another file's tensors, which names its length
};
constexpr unsigned file_formats = static_cast<unsigned>(FileFormat::external) + 1;

enum class StructureState {
  sound,        // the header is well-formed and the size agrees with it
  truncated,    // shorter than its own header says (an empty file too, unless binary or other)
  oversized,    // safetensors only: longer than its own header says
  lfs_pointer,  // a git LFS pointer stands in place of the content
  // HTML, a JSON or plain-text error, zeros, or a header that is invalid in this format
  not_the_content,
  // a format, version or tensor type without a size to check (legacy pickle, new GGUF type)
  cannot_tell
};

struct LfsPointer {
  std::string sha256;  // 64 hex
  std::uint64_t size = 0;
};

struct Structure {
  StructureState state = StructureState::cannot_tell;
  // The size by the header, if it gives one; the least that it can be for GGUF, whose last padding
  // is optional.
  std::optional<std::uint64_t> expected_size;
  std::optional<LfsPointer> pointer;  // for lfs_pointer
  std::string detail;  // a short phrase for the message: "an HTML page", "header of 9 EB"
  // A listing that gives the file's size outweighs this: then the Hub's own file is like that.
  bool outweighed_by_size = false;
  // JSON whose one fault is the byte order mark before it, which not every loader refuses.
  bool only_marked = false;
};

}  // namespace hfaudit
