#include "formats/examine.hpp"

#include <algorithm>
#include <array>

#include "base/path.hpp"
#include "base/text.hpp"
#include "formats/head_source.hpp"
#include "formats/judgement.hpp"
#include "formats/sniff.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t longest_pointer = 1024;
// Enough for most headers, which then cost one read. Those of GGUF are longer; they are read in
// pieces of this size.
constexpr std::size_t header_bytes = std::size_t{16} * 1024, gguf_bytes = std::size_t{64} * 1024;
constexpr std::size_t sniffed_bytes = 1024;

// Whether a `.bin` is named as weights are, so that an empty one is a download that failed.
[[nodiscard]] bool is_weights_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  return lower.find("model") != std::string::npos || lower.find("weights") != std::string::npos ||
         lower == "optimizer.bin" || lower == "training_args.bin" ||
         lower.find("-of-") != std::string::npos;
}

// Names that loaders open: transformers, sentence-transformers, diffusers, peft, open_clip,
// onnxruntime-genai, MLX, CTranslate2, Mistral's and Core ML's.
[[nodiscard]] bool is_loader_json(std::string_view name) {
  if (!name.ends_with(".json")) return false;
  constexpr std::array<std::string_view, 33> names{"Manifest.json",
                                                   "adapter_config.json",
                                                   "added_tokens.json",
                                                   "audio_tokenizer_config.json",
                                                   "chat_template.json",
                                                   "config.json",
                                                   "config_sentence_transformers.json",
                                                   "dataset_dict.json",
                                                   "dataset_info.json",
                                                   "feature_extractor_config.json",
                                                   "genai_config.json",
                                                   "generation_config.json",
                                                   "image_processor_config.json",
                                                   "model_index.json",
                                                   "modules.json",
                                                   "ndarray-cache.json",
                                                   "open_clip_config.json",
                                                   "params.json",
                                                   "preprocessor_config.json",
                                                   "processor_config.json",
                                                   "quant_config.json",
                                                   "quantize_config.json",
                                                   "router_config.json",
                                                   "scheduler_config.json",
                                                   "sentence_bert_config.json",
                                                   "shared_vocabulary.json",
                                                   "special_tokens_map.json",
                                                   "tekken.json",
                                                   "tensor-cache.json",
                                                   "tokenizer.json",
                                                   "tokenizer_config.json",
                                                   "video_preprocessor_config.json",
                                                   "vocab.json"};
  return std::binary_search(names.begin(), names.end(), name);
}

// The other names of is_loader_json() may hold lists. A config.json in a folder may be another
// program's.
[[nodiscard]] bool is_object_json(std::string_view path) {
  const auto name = last_component(path);
  if (name == "config.json") return name.size() == path.size();
  return name != "modules.json" && name != "vocab.json" && name != "shared_vocabulary.json" &&
         name != "added_tokens.json" && name != "dataset_info.json";
}

// Formats without a structure to check here, none of which begins as a server's answer does.
[[nodiscard]] bool is_opaque(std::string_view name) {
  constexpr std::array<std::string_view, 14> extensions = {
      ".pkl",      ".joblib",    ".engine", ".plan", ".trt",      ".npy", ".mlmodel",
      ".pdparams", ".pdiparams", ".pte",    ".gz",   ".litertlm", ".tgz", ".zst"};
  constexpr std::array<std::string_view, 5> vocabularies = {
      "sentencepiece.bpe.model", "source.spm", "spiece.model", "target.spm", "tokenizer.model"};
  return std::find(vocabularies.begin(), vocabularies.end(), name) != vocabularies.end() ||
         std::any_of(extensions.begin(), extensions.end(),
                     [&](std::string_view extension) { return name.ends_with(extension); });
}

// Also tables of data sets. Code and templates that loaders read lie in the root: folders of a
// project may hold thousands.
[[nodiscard]] bool is_loader_text(std::string_view path) {
  const auto name = last_component(path);
  for (const std::string_view extension : {".py", ".jinja", ".tiktoken"}) {
    if (name.ends_with(extension)) return name.size() == path.size();
  }
  for (const std::string_view data : {".csv", ".tsv", ".jsonl", ".ndjson"}) {
    if (name.ends_with(data)) return true;
  }
  constexpr std::array<std::string_view, 6> names{"bpe.codes", "dict.txt",  "merges.txt",
                                                  "vocab.bpe", "vocab.txt", "vocabulary.txt"};
  return std::binary_search(names.begin(), names.end(), name);
}

// How much of the beginning is worth a read.
[[nodiscard]] std::size_t head_bytes(FileFormat format, std::uint64_t size) {
  const bool json = format == FileFormat::json || format == FileFormat::json_object;
  if (format == FileFormat::safetensors || json) return header_bytes;
  if (format == FileFormat::gguf) return gguf_bytes;
  if (format == FileFormat::other && size > longest_pointer) return 0;
  return sniffed_bytes;
}

// A header that begins as it must is judged by its own reader: the rest may be any bytes.
[[nodiscard]] bool begins_right(FileFormat format, std::string_view head) {
  constexpr std::string_view magic = "GGUF";
  if (format == FileFormat::gguf)
    return head.substr(0, magic.size()) == magic.substr(0, head.size());
  constexpr std::size_t json = 8;
  return head.size() > json && head[json] == '{' &&
         head.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

// Content that torch.load() and msgpack refuse, and that another maker's file of this extension may
// be all the same.
[[nodiscard]] std::optional<std::string> sniff_unusual(FileFormat format, std::string_view head,
                                                       std::uint64_t size) {
  auto foreign = format == FileFormat::binary || format == FileFormat::opaque
                     ? sniff_message(head, size)
                     : sniff_foreign(head, size);
  // Python's path files are `.pth`, too, and small settings may have any extension.
  if (foreign == "plain text" || foreign == "a JSON document") return sniff_message(head, size);
  return foreign == "zeros" ? std::nullopt : foreign;
}

// Formats that may begin with any bytes: only a server's error page shows wrong content.
[[nodiscard]] bool may_begin_with_anything(FileFormat format) {
  return format == FileFormat::torch || format == FileFormat::binary ||
         format == FileFormat::hdf5 || format == FileFormat::msgpack ||
         format == FileFormat::opaque;
}

[[nodiscard]] std::optional<std::string> sniff(FileFormat format, std::string_view head,
                                               std::uint64_t size) {
  if (may_begin_with_anything(format)) return sniff_error_body(head, size);
  // Each begins with binary bytes.
  if (format == FileFormat::zip || format == FileFormat::tar || format == FileFormat::tflite) {
    auto foreign = sniff_foreign(head, size);
    constexpr std::uint64_t nothing = 10'240;  // bytes of a tar archive without members
    const bool right = format == FileFormat::tar &&
                       (foreign == "gzip data" || (foreign == "zeros" && size <= nothing));
    return right ? std::nullopt : foreign;
  }
  if (format == FileFormat::parquet || format == FileFormat::arrow || format == FileFormat::onnx) {
    const auto begins = [&](std::string_view magic) {
      return head.substr(0, magic.size()) == magic.substr(0, head.size());
    };
    const bool named = begins("PAR1") || begins("PARE") || begins("ARROW1") || begins("FEA1");
    return named ? std::nullopt : sniff_foreign(head, size);
  }
  return begins_right(format, head) ? std::nullopt : sniff_foreign(head, size);
}

[[nodiscard]] Result<bool> is_zeros_at(ByteSource& source, std::uint64_t offset) {
  std::array<char, 64> bytes{};
  const auto got = source.read_at(offset, bytes);
  if (!got) return tl::unexpected<Error>(got.error());
  return std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*got),
                     [](char c) { return c == '\0'; });
}

[[nodiscard]] Result<bool> ends_with_zeros(ByteSource& source) {
  constexpr std::uint64_t tail = 64;
  return source.size() < tail ? Result<bool>(false) : is_zeros_at(source, source.size() - tail);
}

// By samples all over the file: raw numbers may begin with many zeros.
[[nodiscard]] Result<bool> is_all_zeros(ByteSource& source) {
  constexpr std::uint64_t samples = 16, least = 64;
  if (source.size() < least) return false;
  for (std::uint64_t i = 0; i < samples; ++i) {
    const auto zeros = is_zeros_at(source, source.size() / samples * i);
    if (!zeros || !*zeros) return zeros;
  }
  return ends_with_zeros(source);
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
  if (ends_with_lower(name, ".parquet")) return FileFormat::parquet;
  if (ends_with_lower(name, ".arrow") || ends_with_lower(name, ".feather"))
    return FileFormat::arrow;
  for (const std::string_view extension :
       {".npz", ".zip", ".keras", ".skops", ".mar", ".whl", ".ot"}) {
    if (ends_with_lower(name, extension)) return FileFormat::zip;
  }
  if (ends_with_lower(name, ".nemo") || ends_with_lower(name, ".tar")) return FileFormat::tar;
  if (ends_with_lower(name, ".h5")) return FileFormat::hdf5;
  if (name.ends_with(".onnx")) return FileFormat::onnx;
  if (name.ends_with(".tflite")) return FileFormat::tflite;
  if (name.ends_with(".msgpack")) return FileFormat::msgpack;
  if (is_loader_json(name))
    return is_object_json(path) ? FileFormat::json_object : FileFormat::json;
  return is_opaque(name)        ? FileFormat::opaque
         : is_loader_text(path) ? FileFormat::text
                                : FileFormat::other;
}

namespace {

[[nodiscard]] Result<Structure> examine_as(FileFormat format, ByteSource& source) {
  switch (format) {
    case FileFormat::safetensors:
      return examine_safetensors(source);
    case FileFormat::gguf:
      return examine_gguf(source);
    case FileFormat::torch:
    case FileFormat::binary:
    case FileFormat::zip:
      return examine_torch(source);
    case FileFormat::json:
      return examine_json(source);
    case FileFormat::json_object:
      return examine_json_object(source);
    case FileFormat::msgpack:
      return examine_msgpack(source);
    case FileFormat::text:
      return examine_text(source);
    case FileFormat::parquet:
      return examine_parquet(source);
    case FileFormat::arrow:
      return examine_arrow(source);
    case FileFormat::tar:
      return examine_tar(source);
    case FileFormat::hdf5:
      return examine_hdf5(source);
    case FileFormat::onnx:
      return examine_onnx(source);
    case FileFormat::tflite:
    case FileFormat::opaque:
    case FileFormat::external:
    case FileFormat::other:
      break;
  }
  return cannot_tell("no format with a structure to check");
}

// Formats that authors also use for files of another kind, under the same extension.
[[nodiscard]] bool is_of_any_maker(FileFormat format) {
  return format != FileFormat::safetensors && format != FileFormat::gguf &&
         format != FileFormat::torch && format != FileFormat::binary;
}

// They have a sniffer of their own, or may begin with anything.
[[nodiscard]] bool is_textual(FileFormat format) {
  return format == FileFormat::json || format == FileFormat::json_object ||
         format == FileFormat::text;
}

}  // namespace

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
  const bool may_be_empty =
      format == FileFormat::binary || format == FileFormat::text || format == FileFormat::opaque;
  if (may_be_empty && size == 0) return cannot_tell("an empty file");
  if (!is_textual(format)) {
    if (auto foreign = sniff(format, head.head(), size)) {
      auto structure = not_the_content(std::move(*foreign));
      structure.outweighed_by_size = is_of_any_maker(format) && structure.detail != "zeros";
      return structure;
    }
    if (may_begin_with_anything(format)) {
      if (auto unusual = sniff_unusual(format, head.head(), size)) {
        auto structure = not_the_content(std::move(*unusual));
        structure.outweighed_by_size = true;
        return structure;
      }
    }
  }
  const bool zipped = format == FileFormat::zip;
  if (zipped || format == FileFormat::torch || format == FileFormat::msgpack) {
    // a hole that stayed empty: wrong at any size
    const auto zeros = zipped ? ends_with_zeros(head) : is_all_zeros(head);
    if (!zeros) return tl::unexpected<Error>(zeros.error());
    if (*zeros) return zipped ? truncated("it ends with zeros") : not_the_content("zeros");
  }
  auto structure = examine_as(format, head);
  if (structure && zipped) structure->outweighed_by_size = true;
  if (structure && structure->outweighed_by_size && structure->state != StructureState::sound) {
    const auto zeros = ends_with_zeros(head);
    if (!zeros) return tl::unexpected<Error>(zeros.error());
    if (*zeros) structure->outweighed_by_size = false;
  }
  return structure;
}

}  // namespace hfaudit
