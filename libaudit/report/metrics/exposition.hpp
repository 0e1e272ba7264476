// Prometheus' text format, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/
//
//   # HELP hfaudit_repos Repos by verdict
//   # TYPE hfaudit_repos gauge
//   hfaudit_repos{command="scan",cache="/data/hf/hub",verdict="complete"} 12
//
// All series of a name stand together, and each has labels of its own, or the reader drops the
// whole file. Time stamps are left out, as the node exporter demands.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hfaudit/render.hpp"

namespace hfaudit::report {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// `value` between the quotes of a label: printable, with \, " and line ends escaped.
[[nodiscard]] std::string label_value(std::string_view value);

// The series of one run; `common` labels stand in each of them. Empty values leave their label out.
class Exposition {
 public:
  Exposition(Labels common, const Sink& out) : common_(std::move(common)), out_(out) {}

  // The next series are of this name, which must be new.
  void gauge(std::string_view name, std::string_view help);
  // A series that is there already is skipped.
  void series(const Labels& labels, std::uint64_t value);
  void series(const Labels& labels, double value);

 private:
  void write(const Labels& labels, const std::string& value);

  Labels common_;
  const Sink& out_;
  std::string name_;
  std::set<std::string> written_;  // the labels, of this name
};

}  // namespace hfaudit::report
