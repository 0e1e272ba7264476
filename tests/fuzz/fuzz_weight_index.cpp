#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  (void)is_weight_index(input);
  MemorySource source(input);
  const auto files = read_weight_index(source);
  if (!files) return;
  fuzz::require(std::adjacent_find(files->begin(), files->end(), std::greater_equal<>()) ==
                files->end());
  fuzz::require(std::all_of(files->begin(), files->end(), is_safe_relative_path));
}
