#include <limits>

#include "base/sum.hpp"
#include "catch_any.hpp"

using namespace hfaudit;

TEST_CASE("sums and products of sizes saturate") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t eight_eib = std::uint64_t{1} << 63U;
  CHECK(plus(1, 2) == 3);
  CHECK(plus(most, 0) == most);
  CHECK(plus(most, 1) == most);
  CHECK(plus(eight_eib, eight_eib) == most);
  CHECK(times(0, most) == 0);
  CHECK(times(most, 0) == 0);
  CHECK(times(2, eight_eib) == most);
  CHECK(times(1, most) == most);
  std::uint64_t sum = eight_eib;
  add_size(sum, eight_eib - 1);
  CHECK(sum == most);
  add_size(sum, 5);
  CHECK(sum == most);
}
