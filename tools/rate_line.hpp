// The line that tells in a log how far a download is, the same for `watch` and `pull`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit::cli {

// "  [acme/six] 47.3%  10.41 GB / 22.02 GB  18.4 MB/s"; where the total is not known, without the share:
// "  [acme/six] 10.41 GB  18.4 MB/s". No line end. The share is rounded down: 100.0% is said when all is there and
// not before. `repo` is RepoId::name(), and made printable here.
[[nodiscard]] std::string rate_line(std::string_view repo, std::uint64_t bytes, std::optional<std::uint64_t> total,
                                    double bytes_per_second);

// "18.4 MB/s": one digit after the point, whatever the unit.
[[nodiscard]] std::string rate_text(double bytes_per_second);

// "47.3%", rounded down.
[[nodiscard]] std::string share_text(std::uint64_t bytes, std::uint64_t total);

}  // namespace hfaudit::cli
