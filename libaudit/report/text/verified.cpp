// The result of a verify, in a line or two.
#include "base/format.hpp"
#include "base/numbers.hpp"
#include "hfaudit/render.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

std::string speed_of(const Verified& verified) {
  constexpr double measurable_s = 0.05, ms_per_s = 1000;
  std::string text =
      ", in " + human_duration(static_cast<std::uint64_t>(verified.seconds * ms_per_s));
  if (verified.seconds < measurable_s) return text;
  const double speed = static_cast<double>(verified.proven.bytes) / verified.seconds;
  return text + formatted(" ({}/s)", human_bytes(static_cast<std::uint64_t>(speed)));
}

}  // namespace

void write_verified(const Verified& verified, TextOut& out) {
  out.gap();
  // Content that a pull hashed on its way was not read here.
  const bool read = verified.seconds > 0 || verified.proven.files == 0;
  std::string line = read ? "Read to the end: " + in_words(verified.proven) + speed_of(verified)
                          : "Proven by hash: " + in_words(verified.proven);
  if (const auto& subset = verified.subset) {
    line += formatted("; that is {} of {}", subset->asked, in_words(verified.total));
  }
  out.line(line);
  if (verified.trusted.files != 0)
    out.line("Proven earlier, and unchanged since: " + in_words(verified.trusted));
  if (verified.oldest_proof_s && verified.trusted.files != 0) {
    constexpr std::uint64_t ms_per_s = 1000;
    out.line("The oldest proof of all content is " +
             human_duration(*verified.oldest_proof_s * ms_per_s) + " old");
  }
  if (verified.left.files != 0) {
    out.line(out.paint(Color::warn, "Not read to the end: " + in_words(verified.left) +
                                        "; nothing is proven of them"));
  }
  if (verified.unverifiable.files != 0) {
    out.line("Nothing to check against: " + in_words(verified.unverifiable));
  }
}

}  // namespace hfaudit::report
