#include "report/html/parts.hpp"

#include "base/format.hpp"
#include "report/repo_name.hpp"

namespace hfaudit::report {

std::string html_text(std::string_view bytes) {
  std::string text;
  for (const char letter : printable(bytes)) {
    switch (letter) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      case '"':
        text += "&quot;";
        break;
      case '\'':
        text += "&#39;";
        break;
      default:
        text += letter;
    }
  }
  return text;
}

std::string_view class_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "c";
    case Verdict::subset:
      return "s";
    case Verdict::in_progress:
      return "p";
    case Verdict::unknown:
      return "u";
    case Verdict::incomplete:
      return "i";
    case Verdict::corrupt:
      return "x";
  }
  return "u";
}

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "✓";
    case Verdict::subset:
      return "◐";
    case Verdict::in_progress:
      return "↻";
    case Verdict::unknown:
      return "?";
    case Verdict::incomplete:
      return "▲";
    case Verdict::corrupt:
      return "✗";
  }
  return "?";
}

std::string verdict_text(Verdict verdict) {
  return formatted("{} {}", sign_of(verdict), to_string(verdict));
}

bool is_damaged(const RepoReport& repo) {
  return repo.verdict == Verdict::incomplete || repo.verdict == Verdict::corrupt ||
         repo.verdict == Verdict::unknown;
}

std::string title_of(const RepoId& repo, const CacheRef& cache_ref) {
  const std::string name = html_text(name_of(repo));
  return cache_ref.host.empty() ? name : name + " on " + html_text(cache_ref.host);
}

std::string amount_text(const RepoReport& repo) {
  const bool whole = repo.verdict == Verdict::complete || repo.verdict == Verdict::subset;
  std::string text = human_bytes(repo.bytes.present);
  if (!whole && repo.bytes.expected) text += " of " + human_bytes(*repo.bytes.expected);
  return text;
}

void begin_section(std::string_view id, std::string_view heading, const Sink& out) {
  out(formatted("<section aria-labelledby=\"{}\">\n<h2 id=\"{}\">{}</h2>\n", id, id, heading));
}

void end_section(const Sink& out) {
  out("</section>\n");
}

}  // namespace hfaudit::report
