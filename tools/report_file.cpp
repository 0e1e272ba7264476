#include "report_file.hpp"

#include <cstdint>

#include "os/input.hpp"

namespace hfaudit::cli {

Result<PastReport> read_report_file(const std::string& name) {
  // a thousand times that of a large cache
  constexpr std::uint64_t most_report_bytes = std::uint64_t{1} << 30U;
  const auto text = os::read_file(name, most_report_bytes);
  if (!text) return tl::unexpected<Error>(text.error());
  return read_report(name, *text);
}

}  // namespace hfaudit::cli
