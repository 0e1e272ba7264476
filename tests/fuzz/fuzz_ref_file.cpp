#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  const auto ref = parse_ref(input);
  const bool holds = ref.state == RefState::commit || ref.state == RefState::commit_with_space;
  fuzz::require(holds ? is_lower_hex(ref.commit, 40) : ref.commit.empty());
  fuzz::require((ref.state == RefState::commit) == is_lower_hex(input, 40));
}
