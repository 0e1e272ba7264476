#include "listings/tokenizer_files.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/byte_source.hpp"
#include "json/reader.hpp"

namespace hfaudit {
namespace {

// Byte-level BPE: vocab.json and merges.txt, or tokenizer.json for both. Without "Tokenizer" and
// "TokenizerFast".
constexpr std::array<std::string_view, 14> pair_classes{
    "GPT2",    "Roberta", "CLIP",    "Bart", "LED",       "Longformer", "Qwen2",
    "CodeGen", "Whisper", "Deberta", "Mvp",  "OpenAIGPT", "CTRL",       "Blenderbot"};
// One file or more, of whatever form.
constexpr std::array<std::string_view, 40> vocabulary_classes{
    "Bert",      "DistilBert",  "Electra",    "MPNet",      "MobileBert", "Funnel",
    "LayoutLM",  "LayoutLMv2",  "LayoutLMv3", "Lxmert",     "ConvBert",   "Splinter",
    "Llama",     "CodeLlama",   "Gemma",      "T5",         "XLMRoberta", "Albert",
    "XLNet",     "Camembert",   "MBart",      "MBart50",    "Nllb",       "Pegasus",
    "DebertaV2", "BigBird",     "Barthez",    "XGLM",       "Cohere",     "GPTNeoX",
    "Bloom",     "SqueezeBert", "Esm",        "Marian",     "M2M100",     "SeamlessM4T",
    "RemBert",   "Herbert",     "Reformer",   "PreTrained",
};
constexpr std::array<std::string_view, 7> pair_types{"gpt2", "roberta", "bart",      "gpt_neo",
                                                     "gptj", "opt",     "longformer"};
constexpr std::array<std::string_view, 22> vocabulary_types{
    "bert",      "distilbert",  "electra",    "mpnet",     "xlm-roberta", "llama",
    "mistral",   "mixtral",     "qwen2",      "qwen2_moe", "qwen3",       "gemma",
    "gemma2",    "gemma3_text", "phi3",       "falcon",    "gpt_neox",    "bloom",
    "camembert", "albert",      "deberta-v2", "qwen3_moe"};

template <std::size_t n>
[[nodiscard]] bool is_one_of(const std::array<std::string_view, n>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// What a configuration says of the tokenizer, in the members of its outermost object.
class TokenizerSettings final : public JsonHandler {
 public:
  explicit TokenizerSettings(std::string_view text) {
    MemorySource source(text);
    (void)read_json(source, 0, text.size(), *this);  // what is malformed has a finding of its own
  }

  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) key_ = key;
    return true;
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level != 1) return true;
    if (key_ == "auto_map") own_code = value.kind == JsonKind::object;
    if (value.kind != JsonKind::text) return true;
    if (key_ == "tokenizer_class") tokenizer_class = value.text;
    if (key_ == "model_type") model_type = value.text;
    return true;
  }

  bool on_close(std::size_t) override { return true; }

  std::string tokenizer_class, model_type;
  bool own_code = false;

 private:
  std::string key_;
};

[[nodiscard]] std::string_view class_stem(std::string_view name) {
  for (const std::string_view suffix : {"Fast", "Tokenizer"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return name;
}

enum class VocabularyKind : std::uint8_t { unknown, any, pair };

[[nodiscard]] VocabularyKind vocabulary_of(const TokenizerSettings& tokenizer,
                                           const TokenizerSettings& model) {
  const std::string& type =
      tokenizer.tokenizer_class.empty() ? model.tokenizer_class : tokenizer.tokenizer_class;
  if (!type.empty()) {
    if (type == "PreTrainedTokenizer") return VocabularyKind::unknown;
    const auto stem = class_stem(type);
    if (is_one_of(pair_classes, stem)) return VocabularyKind::pair;
    return is_one_of(vocabulary_classes, stem) ? VocabularyKind::any : VocabularyKind::unknown;
  }
  if (is_one_of(pair_types, model.model_type)) return VocabularyKind::pair;
  return is_one_of(vocabulary_types, model.model_type) ? VocabularyKind::any
                                                       : VocabularyKind::unknown;
}

// Of any class: rather one too many, since authors convert one form into another.
[[nodiscard]] bool is_vocabulary_name(const std::string& name) {
  constexpr std::array<std::string_view, 12> parts{"vocab", "tokenizer.", "spiece", "sentencepiece",
                                                   "spm",   "bpe",        "tekken", ".tiktoken",
                                                   ".gguf", ".model",     ".vocab", "dict"};
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

}  // namespace

std::string lacking_vocabulary(const TokenizerTexts& texts, const std::vector<std::string>& names) {
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const TokenizerSettings tokenizer(texts.tokenizer_config), model(texts.config);
  if (tokenizer.own_code) return {};  // of the repo, or of another one
  const auto vocabulary = vocabulary_of(tokenizer, model);
  if (vocabulary == VocabularyKind::unknown || has("tokenizer.json")) return {};
  const auto count = std::count_if(names.begin(), names.end(), is_vocabulary_name);
  const bool list = has("vocab.json"), merges = has("merges.txt");
  if (count == 0 && !merges)
    return has("tokenizer_config.json")
               ? "no vocabulary of the tokenizer (tokenizer.json, tokenizer.model, vocab.txt, …)"
               : "";
  if (vocabulary != VocabularyKind::pair || list == merges) return {};
  const bool other = count > (list ? 1 : 0);
  if (other) return {};
  return list ? "no merges.txt beside vocab.json" : "no vocab.json beside merges.txt";
}

}  // namespace hfaudit
