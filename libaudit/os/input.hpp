// Files that the user names.
#pragma once

#include <cstdint>
#include <string>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// All bytes of `path`, up to `most`; "-" is standard input. Pipes are read to their end. Links are
// followed.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::uint64_t most);

// The same of an open file, which messages call `name`.
[[nodiscard]] Result<std::string> read_all(int fd, const std::string& name, std::uint64_t most);

// Whether `path` leads to a folder. Links are followed.
[[nodiscard]] bool is_directory(const std::string& path);

}  // namespace hfaudit::os
