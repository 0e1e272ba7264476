// The parts of the HTML report, and their common functions. Everything that comes from a cache goes
// through html_text().
#pragma once

#include <string>
#include <string_view>

#include "hfaudit/render.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {

// `bytes` as text of an element or of a quoted attribute: printable, without markup.
[[nodiscard]] std::string html_text(std::string_view bytes);

// The class of a verdict, a letter, and its sign, for readers without colour.
[[nodiscard]] std::string_view class_of(Verdict verdict);
[[nodiscard]] std::string_view sign_of(Verdict verdict);
// "✓ complete"
[[nodiscard]] std::string verdict_text(Verdict verdict);

[[nodiscard]] bool is_damaged(const RepoReport& repo);
// "acme/six", "datasets/acme/six"; with its node, where the report is of several.
[[nodiscard]] std::string title_of(const RepoId& repo, const CacheRef& cache_ref);
// "10.41 GB of 62.46 GB"
[[nodiscard]] std::string amount_text(const RepoReport& repo);

// `<section>` with a heading; `id` is its name in the page.
void begin_section(std::string_view id, std::string_view heading, const Sink& out);
void end_section(const Sink& out);

void write_html_changes(const Report& report, const Sink& out);     // since an earlier report
void write_html_unreadable(const Report& report, const Sink& out);  // and absent repos
void write_html_treemap(const Report& report, const Sink& out);
void write_html_damaged(const Report& report, const Sink& out);  // repos, with their commands
void write_html_nodes(const Report& report, const Sink& out);    // of a merged report
void write_html_findings(const Report& report, const Sink& out);
void write_html_work(const Report& report, const Sink& out);  // of a repair or a pull
void write_html_repos(const Report& report, const Sink& out);

}  // namespace hfaudit::report
