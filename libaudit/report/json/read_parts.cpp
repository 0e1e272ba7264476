#include "report/json/read_parts.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"

namespace hfaudit::report {
namespace {

// The one of `all` that the text names.
template <class Enum, std::size_t N>
Enum one_of(const Fields& fields, std::string_view key, const std::array<Enum, N>& all) {
  const std::string name = fields.text(key);
  const auto at =
      std::find_if(all.begin(), all.end(), [&name](Enum one) { return to_string(one) == name; });
  if (at != all.end()) return *at;
  fields.wrong(key, formatted("unknown: {}", name));
  return all.front();
}

Verdict verdict_of(const Fields& fields) {
  using enum Verdict;
  return one_of(fields, "verdict",
                std::array{unknown, complete, subset, in_progress, incomplete, corrupt});
}

Basis basis_of(const Fields& fields) {
  using enum Basis;
  return one_of(fields, "basis",
                std::array{lock, hub, source, tree, index, shard_names, structure, links});
}

RepoId repo_of(const Fields& fields) {
  using enum RepoType;
  return {one_of(fields, "repo_type", std::array{model, dataset, space, kernel}),
          fields.text_or_null("repo_id")};
}

FindingId id_of(const Fields& fields) {
  const std::string name = fields.text("id");
  for (const FindingInfo& info : catalogue()) {
    if (info.name == name) return info.id;
  }
  fields.wrong("id", formatted("unknown: {}", name));
  return FindingId::unrecognized_entry;
}

// A command to run next may be made of it. A scan writes only safe paths; a forged one is rejected.
std::string path_of(const Fields& fields) {
  std::string path = fields.path();
  const bool leads_out = ("/" + path + "/").find("/../") != std::string::npos;
  if (!path.starts_with('/') && leads_out) fields.wrong("path", "it leads out of the cache");
  return path;
}

CacheRef cache_ref_of(const Fields& fields) {
  if (!fields.has("cache")) return {};
  return {fields.text_or_null("host"), fields.text("cache")};
}

Amount amount_of(const Fields& fields) {
  return {fields.count("present"), fields.count_or_null("expected")};
}

RevisionReport revision_of(const Fields& fields) {
  RevisionReport revision;
  revision.commit = fields.text("commit");
  revision.refs = fields.texts("refs");
  revision.verdict = verdict_of(fields);
  revision.basis = basis_of(fields);
  revision.files = amount_of(fields.object("files"));
  revision.bytes = amount_of(fields.object("bytes"));
  return revision;
}

// A value other than a text or a number is of a later version; it is left out, for it only adds to
// the message.
std::vector<std::pair<std::string, Detail>> details_of(const Fields& fields) {
  constexpr std::size_t most_items = 256;
  std::vector<std::pair<std::string, Detail>> details;
  const Fields object = fields.object("details");
  if (object.node() == nullptr) return details;
  for (const JsonNode& value : object.node()->members) {
    if (value.kind == JsonKind::text) details.emplace_back(value.key, value.text);
    if (value.kind == JsonKind::count) details.emplace_back(value.key, value.count);
  }
  if (details.size() > most_items) fields.wrong("details", "too many");
  return details;
}

FileTotals totals_of(const Fields& fields) {
  return {fields.count("files"), fields.count("bytes")};
}

// `of` is bounded so that a forged one costs as much as a real one.
unsigned part_of(const Fields& fields, std::string_view key) {
  constexpr std::uint64_t most_items = 1'000'000;
  const std::uint64_t number = fields.count(key);
  if (number == 0 || number > most_items)
    fields.wrong(key, formatted("not from 1 to {}", most_items));
  return number > most_items ? 0 : static_cast<unsigned>(number);
}

SubsetTaken subset_of(const Fields& fields) {
  SubsetTaken subset;
  subset.asked = fields.text("asked");
  if (!fields.has("part") && !fields.has("of")) return subset;
  subset.part = part_of(fields, "part");
  subset.of = part_of(fields, "of");
  subset.listing = fields.text("listing");
  if (subset.part > subset.of) fields.wrong("part", "beyond the number of parts");
  if (subset.listing.empty()) fields.wrong("listing", "empty: the whole of this part is unknown");
  return subset;
}

Verified verified_of(const Fields& fields) {
  Verified verified;
  verified.proven = totals_of(fields);
  verified.seconds = fields.seconds("seconds");
  verified.unverifiable = totals_of(fields.object("unverifiable"));
  verified.left = totals_of(fields.object("left"));
  verified.total = totals_of(fields.object("total"));
  if (fields.has("proven")) verified.trusted = totals_of(fields.object("proven"));
  if (fields.has("oldest_proof_s"))
    verified.oldest_proof_s = fields.count_or_null("oldest_proof_s");
  if (fields.has("subset")) verified.subset = subset_of(fields.object("subset"));
  return verified;
}

}  // namespace

RepoReport read_repo(const Fields& fields) {
  RepoReport repo;
  repo.repo = repo_of(fields);
  repo.path = path_of(fields);
  repo.verdict = verdict_of(fields);
  repo.basis = basis_of(fields);
  repo.bytes = amount_of(fields.object("bytes"));
  for (const Fields& revision : fields.list("revisions"))
    repo.revisions.push_back(revision_of(revision));
  const auto has_ref = [](const RevisionReport& revision) { return !revision.refs.empty(); };
  const bool any = std::any_of(repo.revisions.begin(), repo.revisions.end(), has_ref);
  for (RevisionReport& revision : repo.revisions)
    revision.detached = any && revision.refs.empty();
  repo.cache_ref = cache_ref_of(fields);
  return repo;
}

Finding read_finding(const Fields& fields) {
  using enum Severity;
  Finding finding;
  finding.id = id_of(fields);
  finding.severity = one_of(fields, "severity", std::array{error, warning, info});
  if (fields.has("repo_type")) {
    finding.repo = repo_of(fields);
  } else {
    (void)fields.text_or_null("repo_type");
  }
  finding.revision = fields.text_or_null("revision");
  finding.path = path_of(fields);
  finding.message = fields.text("message");
  finding.fix = fields.text_or_null("fix");
  finding.bytes = fields.count("bytes");
  finding.details = details_of(fields);
  finding.cache_ref = cache_ref_of(fields);
  return finding;
}

Unreadable read_unreadable(const Fields& fields) {
  return {fields.path(), fields.text("operation"), fields.text("cause"), cache_ref_of(fields),
          fields.has("refused") && fields.yes("refused")};
}

ScannedLocation read_scanned(const Fields& fields) {
  return {fields.text("what"), fields.path(), fields.text("because"), fields.yes("exists"),
          cache_ref_of(fields)};
}

ReportScope asked_of(const Fields& fields) {
  if (!fields.has("asked")) return {};
  const Fields asked = fields.object("asked");
  return {asked.texts("repos"), asked.texts("include"), asked.texts("exclude"),
          asked.has("locked") ? asked.text("locked") : std::string()};
}

Source read_source(const Fields& fields) {
  Source source;
  source.file = fields.text("file");
  source.failure = fields.text_or_null("error");
  if (!source.failure.empty()) return source;
  source.host = fields.text_or_null("host");
  source.cache = fields.text("cache");
  source.command = fields.text("command");
  source.started_at = fields.timestamp("started_at");
  if (const auto code = fields.count_or_null("exit_code"))
    source.exit_code = static_cast<ExitCode>(*code & 0xFFU);
  if (fields.has("verified")) {
    source.verified = verified_of(fields.object("verified"));
  } else {
    (void)fields.text_or_null("verified");
  }
  source.asked = asked_of(fields);
  return source;
}

CacheReport read_cache(const Fields& fields) {
  CacheReport cache;
  cache.hosts = fields.texts("hosts");
  cache.hf_home = fields.text_or_null("hf_home");
  cache.hub_cache = fields.text_or_null("hub_cache");
  cache.xet_cache = fields.text_or_null("xet_cache");
  cache.local_dir = fields.text_or_null("local_dir");
  for (const Fields& partition : fields.list("partitions")) {
    cache.partitions.push_back(
        {part_of(partition, "of"), partition.text("listing"), partition.text_or_null("missing")});
  }
  const Fields bytes = fields.object("bytes");
  cache.bytes_present = bytes.count("present");
  cache.bytes_missing = bytes.count("missing");
  cache.bytes_reclaimable = bytes.count("reclaimable");
  if (cache.hosts.empty()) fields.wrong("hosts", "empty");
  if (cache.place().empty()) fields.wrong("hub_cache", "of no cache");
  return cache;
}

void read_start(const Fields& fields, Report& report) {
  report.command = fields.text("command");
  report.host = fields.text_or_null("host");
  const Fields cache = fields.object("cache");
  report.hf_home = cache.text_or_null("hf_home");
  report.hub_cache = cache.text_or_null("hub_cache");
  report.xet_cache = cache.text_or_null("xet_cache");
  report.started_at = fields.timestamp("started_at");
  report.asked = asked_of(fields);
}

void read_end(const Fields& fields, Report& report) {
  report.duration_ms = fields.count("duration_ms");
  const Fields bytes = fields.object("summary").object("bytes");
  report.bytes_present = bytes.count("present");
  report.bytes_missing = bytes.count("missing");
  report.bytes_reclaimable = bytes.count("reclaimable");
  if (fields.has("verified")) report.verified = verified_of(fields.object("verified"));
}

}  // namespace hfaudit::report
