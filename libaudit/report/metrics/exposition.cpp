#include "report/metrics/exposition.hpp"

#include "base/format.hpp"

namespace hfaudit::report {

std::string label_value(std::string_view value) {
  std::string escaped;
  for (const char letter : printable(value)) {
    if (letter == '\\' || letter == '"') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

void Exposition::gauge(std::string_view name, std::string_view help) {
  name_ = name;
  written_.clear();
  out_(formatted("# HELP {} {}\n# TYPE {} gauge\n", name, help, name));
}

void Exposition::write(const Labels& labels, const std::string& value) {
  std::string text;
  for (const Labels* group : {&static_cast<const Labels&>(common_), &labels}) {
    for (const auto& [key, label] : *group) {
      if (label.empty()) continue;
      text += formatted("{}{}=\"{}\"", text.empty() ? "" : ",", key, label_value(label));
    }
  }
  if (!written_.insert(text).second) return;
  out_(text.empty() ? formatted("{} {}\n", name_, value)
                    : formatted("{}{{{}}} {}\n", name_, text, value));
}

void Exposition::series(const Labels& labels, std::uint64_t value) {
  write(labels, std::to_string(value));
}

void Exposition::series(const Labels& labels, double value) {
  write(labels, formatted("{}", value));
}

}  // namespace hfaudit::report
