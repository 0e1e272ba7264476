#include "rules/finding_facts.hpp"

#include <algorithm>

namespace hfaudit {

std::string text_detail(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.details) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == key && text != nullptr) return *text;
  }
  return {};
}

std::optional<std::uint64_t> number_detail(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.details) {
    const auto* number = std::get_if<std::uint64_t>(&value);
    if (name == key && number != nullptr) return *number;
  }
  return std::nullopt;
}

bool is_reclaimable(const Finding& finding) {
  const bool unused = finding.id == FindingId::orphan_partial ||
                      finding.id == FindingId::orphan_blob || finding.id == FindingId::temp_debris;
  return unused && finding.fix != fix::none;
}

std::string on_disk(const Report& report, const std::string& path) {
  if (path.starts_with('/') || report.hf_home.empty()) return path;
  return path.empty() || path == "." ? report.hf_home : report.hf_home + "/" + path;
}

std::string local_dir_of(const Report& report) {
  const auto at = std::find_if(report.scanned.begin(), report.scanned.end(),
                               [](const ScannedLocation& one) { return one.what == "local-dir"; });
  return at == report.scanned.end() ? std::string() : at->path;
}

const ScannedLocation* location_named_by_option(const Report& report, std::string_view option) {
  const auto by_option = [option](const ScannedLocation& place) { return place.because == option; };
  const auto at = std::find_if(report.scanned.begin(), report.scanned.end(), by_option);
  return at == report.scanned.end() ? nullptr : &*at;
}

std::string file_of(const Report& report, const Finding& finding) {
  if (auto named = text_detail(finding, detail_key::file); !named.empty()) return named;
  if (const ScannedLocation* local = location_named_by_option(report, "--local-dir")) {
    const std::string path = on_disk(report, finding.path);
    if (!path.starts_with(local->path + "/")) return {};
    auto inner = path.substr(local->path.size() + 1);
    // a client's notes and partials lie outside the repo
    const bool note =
        inner.starts_with(".cache/huggingface/") || inner.starts_with(".huggingface/");
    return note ? std::string() : inner;
  }
  constexpr std::string_view snapshots = "/snapshots/";
  const std::size_t at = finding.path.find(snapshots);
  if (at == std::string::npos) return {};
  const std::size_t slash = finding.path.find('/', at + snapshots.size());
  return slash == std::string::npos ? std::string() : finding.path.substr(slash + 1);
}

}  // namespace hfaudit
