// A report while it is read: accepts the values of its reader, in any order, and checks their
// consistency at the end.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "hfaudit/merge.hpp"
#include "json/node.hpp"

namespace hfaudit::report {

// The keys of a report: those of its lists, and of the members beside them.
[[nodiscard]] bool is_list(std::string_view key);
[[nodiscard]] bool is_head(std::string_view key);

class ReportBuilder {
 public:
  ReportBuilder() { head_.kind = JsonKind::object; }

  // A key of the report itself; false for a repeated key: it is unclear which of the two is right.
  [[nodiscard]] bool begin(std::string_view key);
  void take_head(std::string_view key, JsonNode node);
  void take_element(std::string_view key, const JsonNode& node);
  // Call it after the last line; `whole` is false where the report breaks off. Forbidden after an
  // error.
  [[nodiscard]] PastReport finish(bool whole);

  FirstError first_error;

 private:
  template <class Do>
  void for_each_cache_ref(Do act);
  void check_schema(const Fields& head);
  void check_plain();
  void check_merged();
  void check_sums(const Fields& head, ExitCode code);

  PastReport past_;
  JsonNode head_;
  std::set<std::string, std::less<>> keys_;
};

}  // namespace hfaudit::report
