#include "compare/same_finding.hpp"

#include <deque>
#include <string_view>
#include <unordered_map>

#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

// The keys by which two findings of one id, repo, commit and cache are the same, in the order of
// preference. The first two keep findings apart that share a file or an etag: two partials of one
// blob, of which one was removed since.
enum class SameBy { all_and_message, all, file, etag, path };

// Several findings may be about one path: each ref of a repo, each repo that a file names.
std::string path_key(const Report& report, const Finding& finding) {
  return on_disk(report, finding.path) + '\0' + text_detail(finding, detail_key::ref) + '\0' +
         text_detail(finding, detail_key::other);
}

std::string subject_of(const Report& report, const Finding& finding, SameBy by) {
  switch (by) {
    case SameBy::file:
      return file_of(report, finding);
    case SameBy::etag:
      return text_detail(finding, detail_key::blob);
    case SameBy::path:
      return path_key(report, finding);
    case SameBy::all:
    case SameBy::all_and_message:
      break;
  }
  return file_of(report, finding) + '\0' + text_detail(finding, detail_key::blob) + '\0' +
         path_key(report, finding) + '\0' +
         (by == SameBy::all_and_message ? finding.message : std::string());
}

// Empty where the finding lacks that identity.
std::string key_of(const Report& report, const Finding& finding, std::size_t cache, SameBy by) {
  const std::string subject = subject_of(report, finding, by);
  if (subject.empty()) return {};
  std::string key(info_of(finding.id).name);
  key += '\0' + std::to_string(cache) + '\0';
  key += (finding.repo ? finding.repo->name() : std::string()) + '\0' + finding.revision + '\0';
  return key + subject;
}

// The node that a merge names is one of several that differ.
bool is_of_several_caches(const Finding& finding) {
  return finding.id == FindingId::node_differs;
}

class FindingMatcher {
 public:
  FindingMatcher(const Report& now, const Report& past, const CacheNumbers& caches)
      : now_(now), past_(past), caches_(caches) {
    found_.resize(now.findings.size());
    taken_.resize(past.findings.size(), false);
  }

  // Findings of equal keys are matched in the order of their reports.
  void match(SameBy by) {
    std::unordered_map<std::string, std::deque<std::size_t>> earlier;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i]) continue;
      if (auto key = key_in_past(i, by); !key.empty()) earlier[std::move(key)].push_back(i);
    }
    for (std::size_t i = 0; i < found_.size() && !earlier.empty(); ++i) {
      if (found_[i]) continue;
      const auto same = earlier.find(key_now(i, by));
      if (same == earlier.end()) continue;
      found_[i] = same->second.front();
      taken_[same->second.front()] = true;
      same->second.pop_front();
      if (same->second.empty()) earlier.erase(same);
    }
  }

  [[nodiscard]] std::vector<std::optional<std::size_t>> take() { return std::move(found_); }

 private:
  [[nodiscard]] std::string key_now(std::size_t at, SameBy by) const {
    const Finding& finding = now_.findings[at];
    const std::size_t cache = is_of_several_caches(finding) ? 0 : caches_.now(finding.cache_ref);
    return key_of(now_, finding, cache, by);
  }
  [[nodiscard]] std::string key_in_past(std::size_t at, SameBy by) const {
    const Finding& finding = past_.findings[at];
    const std::size_t cache = is_of_several_caches(finding) ? 0 : caches_.past(finding.cache_ref);
    return key_of(past_, finding, cache, by);
  }

  const Report& now_;
  const Report& past_;
  const CacheNumbers& caches_;
  std::vector<std::optional<std::size_t>> found_;
  std::vector<bool> taken_;
};

Change compare_numbers(std::optional<std::uint64_t> now, std::optional<std::uint64_t> past,
                       bool more_is_worse) {
  if (!now || !past || *now == *past) return Change::same;
  return (*now > *past) == more_is_worse ? Change::worse : Change::better;
}

}  // namespace

std::vector<std::optional<std::size_t>> match_findings(const Report& now, const Report& past,
                                                       const CacheNumbers& caches) {
  FindingMatcher matcher(now, past, caches);
  for (const SameBy by :
       {SameBy::all_and_message, SameBy::all, SameBy::file, SameBy::etag, SameBy::path})
    matcher.match(by);
  return matcher.take();
}

Change compare_findings(const Finding& now, const Finding& past) {
  if (now.severity != past.severity)
    return now.severity > past.severity ? Change::worse : Change::better;
  if (now.severity == Severity::info) return Change::same;  // its numbers change every night
  struct Measure {
    std::string_view key;
    bool more_is_worse;
  };
  // `size` is that of a file that is cut short or of the wrong size.
  const bool sized = now.id == FindingId::truncated_file || now.id == FindingId::size_mismatch;
  const auto expected = number_detail(now, detail_key::expected);
  const bool too_long = expected && number_detail(now, detail_key::size).value_or(0) > *expected;
  for (const Measure& measure :
       {Measure{detail_key::present, false}, Measure{detail_key::missing, true},
        Measure{detail_key::count, true}, Measure{detail_key::below, true},
        Measure{sized ? detail_key::size : std::string_view(), too_long}}) {
    const Change change = compare_numbers(number_detail(now, measure.key),
                                          number_detail(past, measure.key), measure.more_is_worse);
    if (change != Change::same) return change;
  }
  return Change::same;
}

}  // namespace hfaudit
