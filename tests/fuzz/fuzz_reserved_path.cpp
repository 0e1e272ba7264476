#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/reserved_path.hpp"

using namespace hfaudit;

// A path of a listing. Where it stands in a folder makes no difference, nor do letters' cases.
void fuzz::try_input(std::string_view input) {
  const std::string path(input);
  const auto reserved = reserved_part_of(path);
  std::string upper = path;
  for (char& c : upper)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  fuzz::require(reserved_part_of(upper).kind == reserved.kind);
  if (reserved.kind != Reserved::none) {
    fuzz::require(path.find(reserved.part) != std::string::npos);
    fuzz::require(reserved_part_of("a/b/" + path).kind != Reserved::none);
    fuzz::require(reserved_part_of(path + "/x").kind != Reserved::none);
  }
  fuzz::require(reserved_part_of(".git/" + path).kind == Reserved::git);
}
