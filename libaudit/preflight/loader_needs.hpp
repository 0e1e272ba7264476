// The files that a loader reads before it computes anything: `--for LOADER`. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/preflight.hpp"

namespace hfaudit {

// The files that the loader would miss among `files`, the paths below the snapshot, as a phrase for
// a message: "no tokenizer (tokenizer.json, tokenizer.model, vocab.txt, …)". Empty: complete.
[[nodiscard]] std::string lacking_for(Loader loader, const std::vector<std::string>& files);

// Likewise for the vocabularies of its tokenizers, by the texts of their configurations.
[[nodiscard]] std::string lacking_vocabulary_for(Loader loader,
                                                 const std::vector<std::string>& files,
                                                 const std::map<std::string, std::string>& texts);

// Whether the loader opens weights: a tokenizer and a dataset are without weights.
[[nodiscard]] bool loads_weights(Loader loader);

// Whether the loader imports the code that `auto_map` names.
[[nodiscard]] bool runs_model_code(Loader loader);

// Whether the loader opens the other repos that this one names: code, or an adapter's base model.
[[nodiscard]] bool loads_other_repos(Loader loader);

}  // namespace hfaudit
