#include "listings/file_role.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/path.hpp"
#include "base/text.hpp"

namespace hfaudit {
namespace {

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

template <std::size_t n>
bool starts_with_any(std::string_view text, const std::array<std::string_view, n>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

// The beginnings of names.
constexpr std::array<std::string_view, 12> document_names = {
    "readme",  "license",    "licence",  "notice",   "copying",    "changelog",
    "authors", "use_policy", "citation", "makefile", "dockerfile", "requirements"};

// With its dot; empty for a name without one, and for a name that only begins with one.
std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

// Files that training leaves beside a model. Loaders ignore them.
bool is_training_leftover(std::string_view name) {
  constexpr std::array<std::string_view, 8> prefixes = {
      "training_args", "optimizer", "scheduler",     "rng_state",
      "scaler",        "sampler",   "random_states", "events.out.tfevents"};
  return starts_with_any(name, prefixes);
}

// sentencepiece and its relatives: `tokenizer.model`, `spiece.model`, `sentencepiece.bpe.model`,
// `source.spm`, `tekken.json`, `qwen.tiktoken`.
bool is_vocabulary(std::string_view name) {
  constexpr std::array<std::string_view, 10> parts = {
      "tokenizer", "spiece", "sentencepiece", "vocab",  "merges",
      "spm",       "bpe",    "tekken",        "tokens", "dict"};
  constexpr std::array<std::string_view, 7> extensions = {".model", ".spm", ".vocab",   ".codes",
                                                          ".bpe",   ".txt", ".tiktoken"};
  const auto has_part = [&](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  };
  const auto extension = extension_of(name);
  if (extension == ".tiktoken" || extension == ".spm") return true;
  // `tokenizer.model.v3` of Mistral
  if (name.starts_with("tokenizer.model")) return true;
  return contains(extensions, extension) && std::any_of(parts.begin(), parts.end(), has_part);
}

// XGBoost, LightGBM and TensorFlow.js keep weights in JSON and text files that are called so.
bool is_named_as_model(std::string_view name) {
  const auto stem = name.substr(0, name.size() - extension_of(name).size());
  return stem == "model" || stem.ends_with("_model") || stem.ends_with("-model") ||
         stem.ends_with(".model") || stem.ends_with("weights");
}

}  // namespace

bool is_weight_file(std::string_view path) {
  const auto name = last_component(path);
  const auto extension = lower(extension_of(name));
  constexpr std::array<std::string_view, 33> extensions = {
      ".safetensors", ".bin",     ".gguf",      ".ggml",  ".pt",     ".pth",      ".ckpt",
      ".h5",          ".hdf5",    ".msgpack",   ".onnx",  ".ort",    ".ot",       ".tflite",
      ".litertlm",    ".task",    ".nemo",      ".keras", ".npz",    ".pdparams", ".pdiparams",
      ".pte",         ".engine",  ".plan",      ".trt",   ".joblib", ".skops",    ".mlmodel",
      ".caffemodel",  ".weights", ".llamafile", ".mar",   ".pkl"};
  if (is_training_leftover(name)) return false;
  return contains(extensions, extension);
}

bool is_model_weights(std::string_view path) {
  const auto name = last_component(path);
  constexpr std::array<std::string_view, 7> stems = {
      "model",      "pytorch_model",           "tf_model",    "flax_model",
      "rust_model", "diffusion_pytorch_model", "consolidated"};
  return is_weight_file(path) && (name.ends_with(".gguf") || starts_with_any(name, stems));
}

bool is_document(std::string_view path) {
  const auto name = lower(last_component(path));
  const auto extension = extension_of(name);
  constexpr std::array<std::string_view, 4> by_extension = {".md", ".mdx", ".rst", ".pdf"};
  if (contains(by_extension, extension) || name == ".gitattributes" || name == ".gitignore")
    return true;
  return (extension.empty() || extension == ".txt") && starts_with_any(name, document_names);
}

bool is_media(std::string_view path) {
  constexpr std::array<std::string_view, 20> extensions = {
      ".png",  ".jpg", ".jpeg", ".gif",  ".svg", ".webp", ".bmp", ".ico",  ".tif", ".tiff",
      ".heic", ".wav", ".mp3",  ".flac", ".ogg", ".m4a",  ".mp4", ".webm", ".mov", ".avi"};
  return contains(extensions, extension_of(lower(last_component(path))));
}

bool may_hold_weights(std::string_view path) {
  if (is_system_file(path)) return false;
  const auto name = lower(last_component(path));
  if (is_weight_file(name)) return true;
  // external data of an ONNX graph is of no use without the graph
  if (name.find(".onnx_data") != std::string::npos || name.ends_with(".onnx.data")) return false;
  if (is_training_leftover(name) || is_vocabulary(name) || is_media(name)) return false;
  if (name.starts_with('.') || starts_with_any(name, document_names)) return false;
  if (!target_of_partial(name).empty()) return false;
  const auto extension = extension_of(name);
  // Of unfinished copies, links of Windows, signatures. Beside the file itself they mean nothing,
  // and without it they are no content.
  constexpr std::array<std::string_view, 15> by_name_of_another = {
      ".tmp",     ".temp", ".td",  ".unfinished", ".aria2__temp", ".lnk",    ".url",    ".webloc",
      ".torrent", ".sig",  ".asc", ".sha1",       ".sha512",      ".md5sum", ".minisig"};
  if (contains(by_name_of_another, extension)) return false;
  constexpr std::array<std::string_view, 4> text_formats = {".json", ".txt", ".xml", ".jsonl"};
  if (contains(text_formats, extension)) return is_named_as_model(name);
  // names of sums: SHA256SUMS, MD5SUMS
  if (name.ends_with("sums") || name.find("imatrix") != std::string_view::npos) return false;
  constexpr std::array<std::string_view, 83> others = {
      ".md",     ".mdx",  ".rst", ".yaml",   ".yml",  ".toml",     ".cfg",   ".ini",    ".conf",
      ".lock",   ".py",   ".pyi", ".ipynb",  ".sh",   ".bash",     ".ps1",   ".bat",    ".js",
      ".mjs",    ".ts",   ".css", ".html",   ".htm",  ".c",        ".cc",    ".cpp",    ".h",
      ".hpp",    ".cu",   ".rs",  ".go",     ".java", ".swift",    ".jinja", ".jinja2", ".pdf",
      ".csv",    ".tsv",  ".log", ".sha256", ".md5",  ".template", ".bib",   ".tex",    ".bbl",
      ".doc",    ".docx", ".odt", ".ppt",    ".pptx", ".xls",      ".xlsx",  ".odp",    ".ods",
      ".rtf",    ".epub", ".srt", ".vtt",    ".ass",  ".ttf",      ".otf",   ".woff",   ".woff2",
      ".avif",   ".jxl",  ".psd", ".eps",    ".ai",   ".drawio",   ".cs",    ".kt",     ".jsx",
      ".tsx",    ".scss", ".vue", ".lua",    ".rb",   ".php",      ".jl",    ".sql",    ".proto",
      ".gradle", ".cmake"};
  return !contains(others, extension);
}

bool is_loader_start(std::string_view path) {
  constexpr std::array<std::string_view, 10> names = {
      "config.json",       "adapter_config.json",   "modules.json",
      "model_index.json",  "params.json",           "config_sentence_transformers.json",
      "genai_config.json", "open_clip_config.json", "mlc-chat-config.json",
      "model_config.yaml"};
  return contains(names, path);
}

bool is_system_folder(std::string_view name) {
  constexpr std::array<std::string_view, 13> folders = {"@eaDir",
                                                        "#recycle",
                                                        ".AppleDouble",
                                                        ".Spotlight-V100",
                                                        ".Trashes",
                                                        ".fseventsd",
                                                        "__MACOSX",
                                                        ".stfolder",
                                                        ".stversions",
                                                        "$RECYCLE.BIN",
                                                        "lost+found",
                                                        ".TemporaryItems",
                                                        "System Volume Information"};
  return contains(folders, name) || name.starts_with(".Trash-");
}

bool is_system_file(std::string_view path) {
  // Every name of a cache comes by here: most begin with another character.
  constexpr std::string_view firsts = ".@#_$SdDtTeIl~";
  const auto name_only = last_component(path);
  const bool begins =
      !name_only.empty() && firsts.find(name_only.front()) != std::string_view::npos;
  if (!begins && path.find_first_of("/:") == std::string_view::npos &&
      !path.ends_with("Identifier"))
    return false;
  for (auto rest = path; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (slash == std::string_view::npos) break;
    if (is_system_folder(part)) return true;
    rest.remove_prefix(slash + 1);
  }
  const auto name = last_component(path);
  constexpr std::array<std::string_view, 13> names = {
      ".DS_Store",   "desktop.ini", "Desktop.ini",     "Thumbs.db", "thumbs.db",
      "ehthumbs.db", ".directory",  ".localized",      "Icon\r",    ".dropbox",
      ".apdisk",     ".hidden",     ".VolumeIcon.icns"};
  if (contains(names, name)) return true;
  // Windows marks downloads by a second stream, which WSL and Samba show as a file.
  if (name.ends_with(":Zone.Identifier") || name.ends_with(".Zone.Identifier")) return true;
  // macOS keeps attributes on foreign file systems in `._x`; NFS and FUSE keep deleted files.
  return (name.size() > 2 && name.starts_with("._")) || name.starts_with(".nfs000") ||
         name.starts_with(".fuse_hidden") || name.starts_with(".syncthing.") ||
         name.starts_with("~syncthing~");
}

}  // namespace hfaudit
