#include "formats/examine.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  (void)format_of(input);
  const auto shard = parse_shard_name(input);
  if (!shard) return;
  fuzz::require(shard->number <= shard->count);
  fuzz::require(shard->sibling(shard->number) == input);
  const auto last = parse_shard_name(shard->sibling(shard->count));
  fuzz::require(last && last->stem == shard->stem && last->suffix == shard->suffix &&
                last->number == shard->count);
}
