// The result of a verify, in a line or two.
#include <algorithm>

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

bool has_wrong_content(const Report& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return finding.id == FindingId::digest_mismatch || finding.id == FindingId::damaged_on_hub ||
           finding.id == FindingId::lfs_pointer || finding.id == FindingId::not_the_content ||
           finding.id == FindingId::size_mismatch;
  });
}

}  // namespace

void write_verified(const Report& report, TextOut& out) {
  const Verified& verified = *report.verified;
  if (verified.total.files == 0 && verified.proven.files == 0 && !report.transfers.empty()) return;
  out.gap();
  // Content that a pull hashed on its way was left unread here.
  const bool read = verified.seconds > 0 || verified.proven.files == 0;
  const bool downloaded =
      std::any_of(report.transfers.begin(), report.transfers.end(),
                  [](const Transfer& transfer) { return transfer.pulled.files > 0; });
  std::string line = !read && downloaded ? "Verified while downloading: " : "Verified ";
  line += in_words(verified.proven);
  if (read) line += speed_of(verified);
  if (verified.proven.files != 0 && !has_wrong_content(report)) line += ": all checksums match";
  if (const auto& subset = verified.subset)
    line += formatted("; that is {} of {}", subset->asked, in_words(verified.total));
  out.line(line);
  if (verified.trusted.files != 0)
    out.line("Verified earlier, unchanged since: " + in_words(verified.trusted));
  if (verified.oldest_proof_s && verified.trusted.files != 0) {
    constexpr std::uint64_t ms_per_s = 1000;
    out.line("The oldest proof is " + human_duration(*verified.oldest_proof_s * ms_per_s) + " old");
  }
  if (verified.left.files != 0) {
    out.line(out.paint(Color::warn,
                       "Not verified: " + in_words(verified.left) + " (not read to the end)"));
  }
  if (verified.unverifiable.files != 0) {
    out.line("No checksum known for: " + in_words(verified.unverifiable));
  }
}

}  // namespace hfaudit::report
