#include "hfaudit/notify.hpp"

namespace hfaudit {

Result<std::vector<Notification>> parse_notifications(const std::vector<std::string>& texts) {
  return parse_notifications(texts, system_environment());
}

Result<std::vector<Notification>> parse_notifications(const std::vector<std::string>&, const Environment&) {
  return std::vector<Notification>{};
}

std::vector<std::string> send_notifications(const std::vector<Notification>&, const Report&, int) {
  return {};
}

}  // namespace hfaudit
