#include <cmath>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  const auto metadata = parse_local_metadata(input);
  if (!metadata) return;
  fuzz::require(is_lower_hex(metadata->commit, 40) && !metadata->etag.empty());
  fuzz::require(std::isfinite(metadata->timestamp));
}
