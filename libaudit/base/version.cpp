#include "hfaudit/version.hpp"

namespace hfaudit {

std::string_view version() {
  return HFAUDIT_VERSION;
}

}  // namespace hfaudit
