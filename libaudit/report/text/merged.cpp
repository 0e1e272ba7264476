// A merged report as text: the inputs and the part that was read, then each cache in the form of a
// scan. Healthy caches are a line each, or counted.
#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/format.hpp"
#include "base/shell.hpp"
#include "base/terminal_text.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t few_healthy = 20;

std::string hosts_in_words(const CacheReport& cache) {
  const std::string& first = cache.hosts.front().empty() ? "an unnamed host" : cache.hosts.front();
  if (cache.hosts.size() == 1) return printable(first);
  return formatted("{} and {} more", printable(first), grouped(cache.hosts.size() - 1));
}

// "/data/hf/hub on node1".
std::string title_of(const CacheReport& cache) {
  return formatted("{} on {}", printable(cache.place()), hosts_in_words(cache));
}

// The report as for one cache alone; of the entries outside of all caches if `cache` is nullptr.
Report only(const Report& report, const CacheReport* cache) {
  const bool all = cache != nullptr && report.caches.size() == 1;
  const CacheRef cache_ref =
      cache == nullptr ? CacheRef{} : CacheRef{cache->hosts.front(), cache->place()};
  const auto take = [&](auto& to, const auto& from) {
    std::copy_if(from.begin(), from.end(), std::back_inserter(to),
                 [&](const auto& item) { return all || item.cache_ref == cache_ref; });
  };
  Report one;
  take(one.scanned, report.scanned);
  take(one.repos, report.repos);
  take(one.findings, report.findings);
  take(one.unreadable, report.unreadable);
  if (cache == nullptr) return one;
  one.hf_home = cache->hf_home;
  one.hub_cache = cache->hub_cache;
  one.xet_cache = cache->xet_cache;
  one.bytes_present = cache->bytes_present;
  return one;
}

const Source* random_sample(const Report& report, const CacheReport& cache) {
  const Source* most = nullptr;
  for (const Source& source : report.sources) {
    const bool here =
        source.cache == cache.place() && source.verified &&
        std::find(cache.hosts.begin(), cache.hosts.end(), source.host) != cache.hosts.end();
    if (!here) continue;
    if (!source.verified->subset) return nullptr;  // all of it was to be read
    if (source.verified->subset->of != 0) continue;
    if (most == nullptr || source.verified->proven.bytes > most->verified->proven.bytes)
      most = &source;
  }
  return most;
}

// How much of a cache's content was read; empty where reading was left out, or is complete.
std::string reading_in_words(const Report& report, const CacheReport& cache) {
  std::string words;
  for (const Partition& partition : cache.partitions) {
    words += words.empty() ? "" : "; ";
    const bool one = partition.missing.find_first_of(",-") == std::string::npos;
    words += partition.missing.empty()
                 ? formatted("all {} parts were read", partition.of)
                 : formatted("part{} {} of {} {} not read", one ? "" : "s", partition.missing,
                             partition.of, one ? "was" : "were");
  }
  if (!words.empty()) return words;
  const Source* sample = random_sample(report, cache);
  if (sample == nullptr) return {};
  const Verified& read = *sample->verified;
  return formatted("of its content a sample was read ({}): {} of {}, {} of {}",
                   printable(read.subset->asked), grouped(read.proven.files),
                   counted(read.total.files, "file"), human_bytes(read.proven.bytes),
                   human_bytes(read.total.bytes));
}

std::string time_of(const Report& report) {
  const auto end = report.started_at + static_cast<std::int64_t>(report.duration_ms / 1000);
  if (end == report.started_at) return utc(end);
  return formatted("{} to {}", utc(report.started_at), utc(end));
}

void write_what_was_merged(const Report& report, TextOut& out) {
  std::string text = formatted("Merged {} of {}", counted(report.sources.size(), "report"),
                               counted(report.caches.size(), "cache"));
  const bool any = std::any_of(report.sources.begin(), report.sources.end(),
                               [](const Source& source) { return source.failure.empty(); });
  if (any) text += ", made " + time_of(report);
  out.line(out.paint(Color::faint, out.fit(text, 0)));
  for (const Source& source : report.sources) {
    if (source.asked.everything()) continue;
    out.line(formatted("  {} is not of all that its cache has{}", printable(source.file),
                       filter_in_words(source.asked)));
  }
  if (!out.verbose()) return;
  for (const Source& source : report.sources) {
    const std::string what =
        !source.failure.empty()
            ? source.failure
            : formatted("{} of {} on {}, {}, {}", source.command, source.cache, source.host,
                        utc(source.started_at),
                        source.exit_code ? formatted("exit code {}", to_int(*source.exit_code))
                                         : "breaks off");
    out.line(formatted("  {}: {}", printable(source.file), printable(what)));
  }
}

// The options that make a verify read the same cache.
std::string options_for(const Report& report, const CacheReport& cache) {
  if (!cache.local_dir.empty()) return " --local-dir " + shell_quote(cache.local_dir);
  const auto is_home = [](const ScannedLocation& place) { return place.what == "home"; };
  const bool home = std::any_of(report.scanned.begin(), report.scanned.end(), is_home);
  if (home && cache.hub_cache == cache.hf_home + "/hub")
    return " --hf-home " + shell_quote(cache.hf_home);
  return " --cache-dir " + shell_quote(cache.hub_cache);
}

// The number at the beginning of `text`; the largest one where it overflows.
unsigned long number_in(std::string_view text) {
  unsigned long number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc::result_out_of_range ? std::numeric_limits<unsigned long>::max()
                                                  : number;
}

// The numbers in "3,5-7", the first `most` of them.
std::vector<unsigned long> first_parts(const std::string& missing, std::size_t most) {
  std::vector<unsigned long> parts;
  for (std::size_t at = 0; at < missing.size();) {
    const std::size_t end = std::min(missing.find(',', at), missing.size());
    const auto range = std::string_view(missing).substr(at, end - at);
    const std::size_t dash = range.find('-');
    unsigned long part = number_in(range);
    const unsigned long last =
        dash == std::string_view::npos ? part : number_in(range.substr(dash + 1));
    for (; part <= last && parts.size() < most; ++part)
      parts.push_back(part);
    at = end + 1;
  }
  return parts;
}

// The parts to read again: where the cache changed between them, those of one state are useless for
// the other.
std::string parts_to_read(const CacheReport& cache, const Partition& partition) {
  const auto incomplete = [&partition](const Partition& other) {
    return other.of == partition.of && !other.missing.empty();
  };
  const auto states = std::count_if(cache.partitions.begin(), cache.partitions.end(), incomplete);
  return states > 1 ? formatted("1-{}", partition.of) : partition.missing;
}

// The command if parts are missing.
void write_missing_parts(const Report& report, const CacheReport& cache, TextOut& out) {
  constexpr std::size_t most_shown = 8;
  std::set<unsigned> printed;
  for (const Partition& partition : cache.partitions) {
    if (partition.missing.empty() || !printed.insert(partition.of).second) continue;
    const std::string missing = parts_to_read(cache, partition);
    const auto parts = first_parts(missing, most_shown + 1);
    out.line("  with the options and REPOs that the other parts had:");
    for (std::size_t i = 0; i < std::min(most_shown, parts.size()); ++i) {
      out.line(
          formatted("  run: hfaudit verify --subset {}/{}{} --format json --output part-{}.json",
                    parts[i], partition.of, options_for(report, cache), parts[i]));
    }
    if (parts.size() > most_shown) out.line(formatted("  and so on: parts {}", printable(missing)));
  }
}

void write_cache(const Report& one, const CacheReport& cache, TextOut& out) {
  const Tally tally = tally_of(one);
  write_unreadable(one, out);
  write_missing_parts(one, cache, out);
  write_repos(one, tally, out);
  write_findings(one, tally, out);
}

bool is_worth_a_section(const Report& one, bool verbose) {
  const Tally tally = tally_of(one);
  const std::size_t healthy = tally[Verdict::complete] + tally[Verdict::subset];
  return verbose || !one.unreadable.empty() || tally[Severity::error] > 0 ||
         tally[Severity::warning] > 0 || healthy < one.repos.size();
}

void write_healthy(const Report& report, const std::vector<const CacheReport*>& healthy,
                   TextOut& out) {
  if (healthy.empty() || out.quiet()) return;
  out.gap();
  if (healthy.size() > few_healthy) {
    out.line(out.paint(Color::faint, formatted("{} with nothing wrong (-v lists them)",
                                               counted(healthy.size(), "more cache"))));
    return;
  }
  for (const CacheReport* cache : healthy) {
    const Report one = only(report, cache);
    const std::string words = reading_in_words(report, *cache);
    std::string text =
        formatted("{}: {}, {} here{}{}", title_of(*cache), counted(one.repos.size(), "repo"),
                  human_bytes(one.bytes_present), words.empty() ? "" : "; ", words);
    out.line(formatted("{}  {}", out.paint(Color::good, "clean"), out.fit(text, 7)));
  }
}

}  // namespace

void write_merged(const Report& report, TextOut& out) {
  if (!out.quiet()) write_what_was_merged(report, out);
  const bool alone = report.caches.size() == 1;
  if (!alone) write_unreadable(only(report, nullptr), out);

  std::vector<const CacheReport*> healthy;
  for (const CacheReport& cache : report.caches) {
    const Report one = only(report, &cache);
    if (!alone && !is_worth_a_section(one, out.verbose())) {
      healthy.push_back(&cache);
      continue;
    }
    const std::string words = reading_in_words(report, cache);
    if (!alone) out.gap();
    if (!alone || !out.quiet()) {
      out.line(out.fit(title_of(cache) + (words.empty() ? "" : ": ") + words, 0));
    }
    write_cache(one, cache, out);
  }
  write_healthy(report, healthy, out);
}

}  // namespace hfaudit::report
