// A path in the place of a REPO: the option or the REPO that was meant.
#pragma once

#include <string>

namespace hfaudit::cli {

// "a path is not a REPO; did you mean acme/six@<commit>?". Inspects the path.
[[nodiscard]] std::string explain_path(const std::string& path);

}  // namespace hfaudit::cli
