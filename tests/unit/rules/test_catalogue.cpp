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
    const std::set<std::string_view> repairs{fix::none,  fix::pull,   fix::remove, fix::chown,
                                             fix::chmod, fix::relink, fix::set_ref};
    CHECK(repairs.contains(info.fix));
  }
}

// Version 0.1 promised these. A later finding has its row in findings.def and none here.
TEST_CASE("the findings of version 0.1 keep their names, their severities and their order") {
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
  auto at = catalogue().begin();
  for (const auto& [name, severity] : rows) {
    CAPTURE(name);
    at = std::find_if(at, catalogue().end(),
                      [&name](const FindingInfo& info) { return info.name == name; });
    REQUIRE(at != catalogue().end());
    CHECK(at->severity == severity);
  }
}

TEST_CASE("the manual has each finding with its severity and its sentence") {
  const std::string text = manual();
  REQUIRE_FALSE(text.empty());
  for (const FindingInfo& info : catalogue()) {
    std::ostringstream section;
    section << ".Ss " << info.name << " .Em " << to_string(info.severity) << " . " << info.sentence
            << ' ';
    CAPTURE(section.str());
    CHECK(text.find(section.str()) != std::string::npos);
  }
}
