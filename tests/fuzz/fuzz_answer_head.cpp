// The wait that an answer's header asks for, and its text on a terminal.
#include <cmath>

#include "base/terminal_text.hpp"
#include "fuzz.hpp"
#include "hfaudit/render.hpp"
#include "http/foreign_text.hpp"
#include "http/retry.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  constexpr std::int64_t now = 1'778'633'040;
  for (const char* name : {"Retry-After", "RateLimit"}) {
    http::Headers headers{{{name, std::string(input)}}};
    if (const auto wait = asked_wait(headers, now))
      fuzz::require(std::isfinite(*wait) && *wait >= 0 && *wait <= 24.0 * 3600);
  }
  const auto shown = printable(input);
  fuzz::require(is_utf8(shown));
  for (const char c : shown)
    fuzz::require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  const auto cut = without_user_info("http://user:pass@" + std::string(input));
  fuzz::require(cut.find('@') == std::string::npos && cut.starts_with("http://"));
}
