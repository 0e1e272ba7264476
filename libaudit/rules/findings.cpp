#include "hfaudit/finding.hpp"

#include <array>

namespace hfaudit {
namespace {

constexpr std::array finding_rows{
#define HFAUDIT_FINDING(enumerator, name, severity, action, group, sentence) \
  FindingInfo{FindingId::enumerator, name, Severity::severity, fix::action, sentence},
#include "hfaudit/findings.def"
#undef HFAUDIT_FINDING
};

}  // namespace

std::span<const FindingInfo> catalogue() {
  return finding_rows;
}

const FindingInfo& info_of(FindingId id) {
  return finding_rows[static_cast<std::size_t>(id)];
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
