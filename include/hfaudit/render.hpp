// A Report as text, JSON or NDJSON. Pure; output is always valid UTF-8 and free of control characters.
#pragma once

#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit {

struct TextStyle {
  bool color = false;
  unsigned width = 0;     // columns to fit; 0: do not cut
  int verbosity = 0;      // -1 quiet: the damage only; 1: healthy repos and info findings one by one
};

[[nodiscard]] std::string render_text(const Report& report, const TextStyle& style, int code);
[[nodiscard]] std::string render_json(const Report& report, int code);    // schema hfaudit.report/1
[[nodiscard]] std::string render_ndjson(const Report& report, int code);  // one object a line

// `bytes` fit for a terminal: control characters and bytes that are no UTF-8 become \xNN, newlines \n.
[[nodiscard]] std::string printable(std::string_view bytes);
// "10.41 GB": decimal units, as the Hub shows them.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

}  // namespace hfaudit
