#include "formats/examine.hpp"

#include <algorithm>

#include "base/path.hpp"
#include "base/text.hpp"
#include "formats/head_source.hpp"
#include "formats/judgement.hpp"
#include "formats/sniff.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t longest_pointer = 1024;
// Most headers; then one read does. GGUF's are long, and read on in pieces of that size.
constexpr std::size_t header_bytes = std::size_t{16} * 1024, gguf_bytes = std::size_t{64} * 1024;
constexpr std::size_t sniffed_bytes = 1024;

// Whether a `.bin` is named as weights are, so that an empty one is no file of its own but a
// download that failed.
[[nodiscard]] bool is_weights_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  return lower.find("model") != std::string::npos || lower.find("weights") != std::string::npos ||
         lower == "optimizer.bin" || lower == "training_args.bin" ||
         lower.find("-of-") != std::string::npos;
}

// How much of the beginning is worth a read.
[[nodiscard]] std::size_t head_bytes(FileFormat format, std::uint64_t size) {
  if (format == FileFormat::safetensors) return header_bytes;
  if (format == FileFormat::gguf) return gguf_bytes;
  if (format == FileFormat::other && size > longest_pointer) return 0;
  return sniffed_bytes;
}

// A header that begins as it must is judged by its own reader: its bytes may look like anything.
[[nodiscard]] bool begins_right(FileFormat format, std::string_view head) {
  constexpr std::string_view magic = "GGUF";
  if (format == FileFormat::gguf)
    return head.substr(0, magic.size()) == magic.substr(0, head.size());
  constexpr std::size_t json = 8;
  return head.size() > json && head[json] == '{' &&
         head.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

[[nodiscard]] std::optional<std::string> sniff(FileFormat format, std::string_view head,
                                               std::uint64_t size) {
  if (format == FileFormat::torch || format == FileFormat::binary)
    return sniff_error_body(head, size);
  return begins_right(format, head) ? std::nullopt : sniff_foreign(head, size);
}

}  // namespace

FileFormat format_of(std::string_view path) {
  const auto name = last_component(path);
  if (ends_with_lower(name, ".safetensors")) return FileFormat::safetensors;
  if (ends_with_lower(name, ".gguf")) return FileFormat::gguf;
  if (ends_with_lower(name, ".bin"))
    return is_weights_name(name) ? FileFormat::torch : FileFormat::binary;
  for (const std::string_view extension : {".pt", ".pth", ".ckpt"}) {
    if (ends_with_lower(name, extension)) return FileFormat::torch;
  }
  return FileFormat::other;
}

Result<Structure> examine(FileFormat format, ByteSource& source) {
  HeadSource head(source);
  const auto size = source.size();
  if (const auto loaded = head.load(head_bytes(format, size)); !loaded) {
    return tl::unexpected<Error>(loaded.error());
  }
  if (size <= longest_pointer) {
    if (auto pointer = parse_lfs_pointer(head.head())) {
      return Structure{StructureState::lfs_pointer, pointer->size, std::move(pointer),
                       "a git LFS pointer"};
    }
  }
  if (format == FileFormat::other) return cannot_tell("no format with a structure to check");
  if (format == FileFormat::binary && size == 0) return cannot_tell("an empty file");
  if (auto foreign = sniff(format, head.head(), size)) return not_the_content(std::move(*foreign));
  if (format == FileFormat::safetensors) return examine_safetensors(head);
  return format == FileFormat::gguf ? examine_gguf(head) : examine_torch(head);
}

}  // namespace hfaudit
