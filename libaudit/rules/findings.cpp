#include "hfaudit/finding.hpp"

#include <array>

namespace hfaudit {
namespace {

constexpr std::array kCatalogue{
#define HFAUDIT_FINDING(enumerator, name, severity, action, group, sentence) \
  FindingInfo{FindingId::enumerator, name, Severity::severity, fix::action, sentence},
#include "hfaudit/findings.def"
#undef HFAUDIT_FINDING
};

}  // namespace

std::span<const FindingInfo> catalogue() {
  return kCatalogue;
}

const FindingInfo& info_of(FindingId id) {
  return kCatalogue[static_cast<std::size_t>(id)];
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

}  // namespace hfaudit
