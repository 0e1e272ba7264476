#include "fuzz.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  fuzz::check_reader(examine_torch, input, false);
}
