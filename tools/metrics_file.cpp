#include "metrics_file.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "messages.hpp"
#include "os/privilege.hpp"
#include "requests.hpp"

namespace hfaudit::cli {
namespace {

constexpr unsigned readable_by_all = 0644;  // the exporter is another user

// As in the report; a REPO that cannot be parsed, as it was typed.
std::vector<std::string> asked_repos(const Arguments& arguments) {
  const RepoType fallback =
      parse_repo_type(arguments.get<"--repo-type">()).value_or(RepoType::model);
  std::vector<std::string> names;
  for (const std::string& text : arguments.get<"REPO">()) {
    const auto repo = parse_repo(text, fallback);
    names.push_back(repo ? repo->name() : text);
  }
  return names;
}

// Patterns and the lock file, as on the command line.
std::vector<std::string> limits_of(const Arguments& arguments) {
  std::vector<std::string> limits;
  if (of_cache.has(arguments.command())) {
    for (const std::string& pattern : arguments.get<"--include">())
      limits.push_back("--include " + pattern);
    for (const std::string& pattern : arguments.get<"--exclude">())
      limits.push_back("--exclude " + pattern);
  }
  if (const auto lock = arguments.get<"--locked">()) limits.push_back("--locked " + *lock);
  return limits;
}

std::string cache_of(const Arguments& arguments) {
  if (!of_cache.has(arguments.command())) return {};
  if (auto local_dir = arguments.get<"--local-dir">()) return *local_dir;
  return layout_of(arguments).hub_cache.path;
}

// The files that an option names, except "-".
std::vector<std::string> files_of(std::string_view name, const Value& value) {
  const Option* option = find_option(name);
  if (option == nullptr || option->kind != Kind::file) return {};
  std::vector<std::string> files;
  if (const auto* one = std::get_if<std::string>(&value)) files = {*one};
  if (const auto* several = std::get_if<std::vector<std::string>>(&value)) files = *several;
  std::erase(files, "-");
  return files;
}

}  // namespace

std::string_view MetricsFile::conflicting_option(const Arguments& arguments) {
  const auto path = arguments.get<"--metrics">();
  if (!path) return {};
  for (const auto& [name, value] : arguments.values()) {
    if (name == "--metrics") continue;
    const auto files = files_of(name, value);
    if (std::any_of(files.begin(), files.end(),
                    [&path](const std::string& file) { return os::is_same_file(file, *path); }))
      return name;
  }
  return {};
}

std::shared_ptr<MetricsFile> MetricsFile::of(const Arguments& arguments) {
  const auto path = arguments.get<"--metrics">();
  if (!path || !conflicting_option(arguments).empty()) return nullptr;
  auto metrics = std::make_shared<MetricsFile>();
  metrics->path_ = *path;
  if (arguments.get<"--metrics-per-repo">()) metrics->series_ = MetricsSeries::each_repo;
  metrics->begun_ = std::chrono::steady_clock::now();
  metrics->facts_ = {std::string(row_of(arguments.command()).name),
                     cache_of(arguments),
                     asked_repos(arguments),
                     limits_of(arguments),
                     std::time(nullptr),
                     0};
  // a repair by root becomes the cache's user
  if (arguments.command() == Command::repair && os::is_root()) {
    if (auto file = os::OutputFile::open_as_root(*path, readable_by_all))
      metrics->opened_ = std::make_unique<os::OutputFile>(*std::move(file));
  }
  return metrics;
}

RunFacts MetricsFile::facts_now() const {
  RunFacts facts = facts_;
  const auto took = std::chrono::steady_clock::now() - begun_;
  facts.duration_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  return facts;
}

ExitCode MetricsFile::replace(const std::string& text, ExitCode code) {
  const auto write = [&](os::OutputFile& file) {
    file.write(text);
    return file.commit();
  };
  Result<void> written;
  if (opened_) {
    written = write(*opened_);
    opened_.reset();
  } else {
    auto file = os::OutputFile::create(path_, readable_by_all);
    written = file ? write(*file) : tl::unexpected<Error>(file.error());
  }
  if (written) return code;
  print_error(written.error());
  return std::max(code, ExitCode::incomplete);
}

ExitCode MetricsFile::write(const Report& report, ExitCode code) {
  std::string text;
  render_metrics(report, facts_now(), series_, code,
                 [&text](std::string_view piece) { text += piece; });
  return replace(text, code);
}

ExitCode MetricsFile::write_failure(ExitCode code) {
  std::string text;
  render_metrics_of_failure(facts_now(), code, [&text](std::string_view piece) { text += piece; });
  return replace(text, code);
}

}  // namespace hfaudit::cli
