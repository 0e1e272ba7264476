#include "hub/endpoint.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/whole_number.hpp"
#include "http/url.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] std::string plural(RepoType type) {
  return std::string(to_string(type)) + "s";
}

// `acme/six`, each part quoted by itself.
[[nodiscard]] std::string api_url(const Endpoint& endpoint, const RepoId& repo) {
  return endpoint.url + "/api/" + plural(repo.type) + "/" + quote(repo.id, "/");
}

// On pages and in file URLs models lack a prefix.
[[nodiscard]] std::string web_path(const RepoId& repo) {
  return "/" + (repo.type == RepoType::model ? "" : plural(repo.type) + "/") + quote(repo.id, "/");
}

[[nodiscard]] Result<Endpoint> find_endpoint(const Environment& environment) {
  if (is_true(environment.get("HUGGINGFACE_CO_STAGING").value_or("")))
    return Endpoint{"https://hub-ci.huggingface.co", "HUGGINGFACE_CO_STAGING"};
  auto set = environment.get("HF_ENDPOINT");
  if (!set) return Endpoint{};
  const auto url = parse_url(*set);
  // The value may hold a password: it stays hidden.
  if (!url || !url->query.empty() || set->find('#') != std::string::npos)
    return failure("read", "HF_ENDPOINT",
                   "it is not the address of a Hub (such as https://huggingface.co)");
  Endpoint endpoint{url->text(), "HF_ENDPOINT"};
  while (endpoint.url.ends_with('/'))
    endpoint.url.pop_back();
  return endpoint;
}

// 0 and unset mean the clients' own default.
[[nodiscard]] Result<unsigned> find_timeout(const Environment& environment, const char* name) {
  constexpr unsigned usual = 10, longest = 24 * 3600;
  const auto set = environment.get(name);
  if (!set) return usual;
  const auto text = trim(*set);
  const auto seconds = whole_number<unsigned>(text);
  if (!seconds) return failure("read", name, "it is not a number of seconds");
  return *seconds == 0 ? usual : std::min(*seconds, longest);
}

// HF_HUB_OFFLINE=0 is an answer too; an empty one is ignored.
[[nodiscard]] std::string find_offline(const Environment& environment) {
  for (const char* name : {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
    const auto value = environment.get(name).value_or("");
    if (!value.empty()) return is_true(value) ? name : "";
  }
  return "";
}

[[nodiscard]] std::string find_ca_bundle(const Environment& environment) {
  for (const char* name :
       {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    if (auto value = environment.get(name).value_or(""); !value.empty()) return value;
  }
  return "";
}

}  // namespace

std::string Endpoint::revision_url(const RepoId& repo, std::string_view revision) const {
  return api_url(*this, repo) + "/revision/" + quote(revision);
}

std::string Endpoint::tree_url(const RepoId& repo, std::string_view commit) const {
  return api_url(*this, repo) + "/tree/" + quote(commit) + "?recursive=true&expand=false";
}

std::string Endpoint::resolve_url(const RepoId& repo, std::string_view revision,
                                  std::string_view path) const {
  return url + web_path(repo) + "/resolve/" + quote(revision) + "/" + quote(path, "/");
}

std::string Endpoint::shown() const {
  const auto parsed = parse_url(url);
  return parsed ? parsed->shown() : "";
}

std::string Endpoint::page_url(const RepoId& repo) const {
  return shown() + web_path(repo);
}

bool is_true(std::string_view value) {
  const auto is = [value](std::string_view word) {
    return value.size() == word.size() && starts_with_lower(value, word);
  };
  return is("1") || is("on") || is("yes") || is("true");
}

Result<HubSettings> find_hub_settings(const Environment& environment) {
  HubSettings settings;
  auto endpoint = find_endpoint(environment);
  if (!endpoint) return tl::unexpected<Error>(endpoint.error());
  const auto etag = find_timeout(environment, "HF_HUB_ETAG_TIMEOUT");
  if (!etag) return tl::unexpected<Error>(etag.error());
  const auto download = find_timeout(environment, "HF_HUB_DOWNLOAD_TIMEOUT");
  if (!download) return tl::unexpected<Error>(download.error());
  settings.endpoint = *std::move(endpoint);
  settings.etag_timeout_s = *etag;
  if (environment.get("HF_HUB_DOWNLOAD_TIMEOUT")) settings.download_timeout_s = *download;
  settings.offline = find_offline(environment);
  settings.ca_bundle = find_ca_bundle(environment);
  return settings;
}

}  // namespace hfaudit
