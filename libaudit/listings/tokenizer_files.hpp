// The vocabulary files that a tokenizer of transformers opens, by its class or by the type of its
// model (models/*/tokenization_*.py, VOCAB_FILES_NAMES; models/auto/tokenization_auto.py). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hfaudit {

// The texts of the two files; empty where a file is absent.
struct TokenizerTexts {
  std::string_view tokenizer_config, config;
};

// The files that the tokenizer would miss among `names`, those of its folder, as a phrase for a
// message. Empty: complete, or a class that is unknown here. Some classes (ByT5, CANINE) have no
// vocabulary, and code of the repo reads files of any name.
[[nodiscard]] std::string lacking_vocabulary(const TokenizerTexts& texts,
                                             const std::vector<std::string>& names);

}  // namespace hfaudit
