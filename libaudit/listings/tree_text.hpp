// Writes the input of read_tree() (listings.hpp), byte for byte as huggingface_hub does.
#pragma once

#include <string>

#include "listings/listings.hpp"

namespace hfaudit {

// The whole text of `trees/<commit>.json`, as json.dump(…, indent=1) of the newest client writes
// it.
[[nodiscard]] std::string tree_text(const Tree& tree);

}  // namespace hfaudit
