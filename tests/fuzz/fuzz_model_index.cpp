#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  MemorySource source(input);
  const auto components = read_model_index(source);
  if (!components) return;
  fuzz::require(std::adjacent_find(components->begin(), components->end(),
                                   std::greater_equal<>()) == components->end());
  fuzz::require(std::all_of(components->begin(), components->end(), is_safe_relative_path));
}
