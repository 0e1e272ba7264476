// Names for files that get another one when they are whole.
#pragma once

#include <string>

namespace hfaudit::os {

// Eight random hex digits.
[[nodiscard]] std::string random_suffix();
// `tmp_<uuid4>`, the name of short-lived files in huggingface_hub.
[[nodiscard]] std::string temporary_name();

}  // namespace hfaudit::os
