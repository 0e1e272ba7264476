#include <cmath>

#include "fuzz.hpp"
#include "manifest/listings.hpp"
#include "manifest/text.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  const auto metadata = parse_local_metadata(input);
  if (!metadata) return;
  fuzz::require(is_lower_hex(metadata->commit, 40) && !metadata->etag.empty());
  fuzz::require(std::isfinite(metadata->timestamp));
}
