// --models-from: a list of repos, one a line. `#` begins a comment, and blank lines are passed
// over:
//
//   # for the demo
//   acme/six@main      # 62 GB
//   datasets/acme/d
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit::cli {

// The repos of `text`, as they are written there. Errors: an invalid line, named as "list.txt:3".
[[nodiscard]] Result<std::vector<std::string>> parse_models(const std::string& name,
                                                            std::string_view text,
                                                            RepoType fallback);
// The same of a file; "-" is standard input. Errors: also those of reading.
[[nodiscard]] Result<std::vector<std::string>> read_models(const std::string& path,
                                                           RepoType fallback);

}  // namespace hfaudit::cli
