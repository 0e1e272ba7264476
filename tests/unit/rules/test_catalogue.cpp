#include "catch_any.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "hfaudit/finding.hpp"

using namespace hfaudit;

namespace {

// The manual page's source as one line of words, so that where its lines break does not matter.
std::string manual() {
  std::ifstream file(std::string(HFAUDIT_FIXTURES) + "/../man/hfaudit-findings.7");
  std::string text, word;
  while (file >> word)
    text += word + ' ';
  return text;
}

bool is_lower_kebab(std::string_view name) {
  const auto fits = [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

TEST_CASE("every finding has a name, a sentence and a known repair, and stands at its enumerator") {
  std::set<std::string_view> names;
  for (const FindingInfo& info : catalogue()) {
    CAPTURE(info.name);
    CHECK(&info_of(info.id) == &info);
    CHECK(is_lower_kebab(info.name));
    CHECK(names.insert(info.name).second);
    CHECK(info.sentence.ends_with('.'));
    const std::set<std::string_view> repairs{"", "pull", "remove", "chown", "chmod"};
    CHECK(repairs.contains(info.fix));
  }
  CHECK(names.size() == 34);
}

TEST_CASE("names and severities are those of the contract") {
  using enum Severity;
  const std::pair<const char*, Severity> rows[] = {
      {"incomplete-download", error},
      {"orphan-partial", warning},
      {"download-in-progress", info},
      {"stalled-download", warning},
      {"dangling-entry", error},
      {"entry-to-partial", error},
      {"escaping-entry", error},
      {"missing-file", error},
      {"missing-shard", error},
      {"missing-weights", warning},
      {"size-mismatch", error},
      {"truncated-file", error},
      {"lfs-pointer", error},
      {"not-the-content", error},
      {"digest-mismatch", error},
      {"conflicting-digests", warning},
      {"unverifiable", info},
      {"ref-dangling", info},
      {"nothing-here", error},
      {"stale-no-exist", warning},
      {"ref-malformed", error},
      {"empty-snapshot", warning},
      {"detached-revision", info},
      {"orphan-blob", info},
      {"shared-blob-broken", error},
      {"stale-lock", warning},
      {"idle-lock", info},
      {"temp-debris", info},
      {"foreign-owner", error},
      {"no-access", error},
      {"exposed-token", warning},
      {"low-disk-space", warning},
      {"tree-malformed", warning},
      {"unrecognized-entry", info},
  };
  REQUIRE(catalogue().size() == std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(rows[i].first);
    CHECK(catalogue()[i].name == rows[i].first);
    CHECK(catalogue()[i].severity == rows[i].second);
  }
}

TEST_CASE("the manual has each finding with its severity and its sentence") {
  const std::string text = manual();
  REQUIRE_FALSE(text.empty());
  for (const FindingInfo& info : catalogue()) {
    std::ostringstream section;
    section << ".Ss " << info.name << " .Em " << to_string(info.severity) << " . " << info.sentence << ' ';
    CAPTURE(section.str());
    CHECK(text.find(section.str()) != std::string::npos);
  }
}
