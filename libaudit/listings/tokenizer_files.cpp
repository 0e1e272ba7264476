#include "listings/tokenizer_files.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hfaudit {
namespace {

// Byte-level BPE: vocab.json and merges.txt, or tokenizer.json for both. Without "Tokenizer" and
// "TokenizerFast".
constexpr std::array<std::string_view, 14> pair_classes{
    "GPT2",    "Roberta", "CLIP",    "Bart", "LED",       "Longformer", "Qwen2",
    "CodeGen", "Whisper", "Deberta", "MVP",  "OpenAIGPT", "CTRL",       "Blenderbot"};
// One file or more, of whatever form.
constexpr std::array<std::string_view, 40> vocabulary_classes{
    "Bert",      "DistilBert",  "Electra",    "MPNet",      "MobileBert", "Funnel",
    "LayoutLM",  "LayoutLMv2",  "LayoutLMv3", "Lxmert",     "ConvBert",   "Splinter",
    "Llama",     "CodeLlama",   "Gemma",      "T5",         "XLMRoberta", "Albert",
    "XLNet",     "Camembert",   "MBart",      "MBart50",    "Nllb",       "Pegasus",
    "DebertaV2", "BigBird",     "Barthez",    "XGLM",       "Cohere",     "GPTNeoX",
    "Bloom",     "SqueezeBert", "Esm",        "Marian",     "M2M100",     "SeamlessM4T",
    "Rembert",   "Herbert",     "Reformer",   "PreTrained",
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

// The text of the first `"key": "text"`. The keys in question are in no nested object.
[[nodiscard]] std::string_view json_text_of(std::string_view json, std::string_view key) {
  const auto quoted = "\"" + std::string(key) + "\"";
  const auto at = json.find(quoted);
  if (at == std::string_view::npos) return {};
  auto rest = trim(json.substr(at + quoted.size()));
  if (!rest.starts_with(':')) return {};
  rest = trim(rest.substr(1));
  if (!rest.starts_with('"')) return {};
  return rest.substr(1, rest.find('"', 1) - 1);
}

[[nodiscard]] std::string_view class_stem(std::string_view name) {
  for (const std::string_view suffix : {"Fast", "Tokenizer"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return name;
}

enum class VocabularyKind { unknown, any, pair };

[[nodiscard]] VocabularyKind vocabulary_of(const TokenizerTexts& texts) {
  auto type = json_text_of(texts.tokenizer_config, "tokenizer_class");
  if (type.empty()) type = json_text_of(texts.config, "tokenizer_class");
  if (!type.empty()) {
    if (type == "PreTrainedTokenizer") return VocabularyKind::unknown;
    type = class_stem(type);
    if (is_one_of(pair_classes, type)) return VocabularyKind::pair;
    return is_one_of(vocabulary_classes, type) ? VocabularyKind::any : VocabularyKind::unknown;
  }
  type = json_text_of(texts.config, "model_type");
  if (is_one_of(pair_types, type)) return VocabularyKind::pair;
  return is_one_of(vocabulary_types, type) ? VocabularyKind::any : VocabularyKind::unknown;
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
  // code of the repo, or of another one
  if (texts.tokenizer_config.find("\"auto_map\"") != std::string_view::npos) return {};
  const auto vocabulary = vocabulary_of(texts);
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
