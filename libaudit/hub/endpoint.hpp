// Which Hub is asked, and how: the environment as huggingface_hub's constants.py reads it, and the
// URLs of the Hub. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"

namespace hfaudit {

struct Endpoint {
  std::string url = "https://huggingface.co";  // without trailing slash; a mirror's may have a path
  std::string because = "default";             // or HF_ENDPOINT, HUGGINGFACE_CO_STAGING

  // The API's answer on a revision. A revision may hold slashes: refs/pr/1.
  [[nodiscard]] std::string revision_url(const RepoId& repo, std::string_view revision) const;
  // The first page of the listing of all files at a commit.
  [[nodiscard]] std::string tree_url(const RepoId& repo, std::string_view commit) const;
  // A file's content.
  [[nodiscard]] std::string resolve_url(const RepoId& repo, std::string_view revision,
                                        std::string_view path) const;
  // For messages and reports: without credentials.
  [[nodiscard]] std::string shown() const;
  // The page for people, where a licence is accepted. Without credentials.
  [[nodiscard]] std::string page_url(const RepoId& repo) const;
};

struct HubSettings {
  Endpoint endpoint;
  // the variable that forbids to ask: HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE; or empty
  std::string offline;
  unsigned etag_timeout_s = 10;  // HF_HUB_ETAG_TIMEOUT: for the API and for a file's head
  // HF_HUB_DOWNLOAD_TIMEOUT, where set: for a file's content
  std::optional<unsigned> download_timeout_s;
  // REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR; empty: the system's
  std::string ca_bundle;
};

// A boolean variable as the clients read it: 1, ON, YES or TRUE in any case.
[[nodiscard]] bool is_true(std::string_view value);

// Errors: an endpoint other than an http(s) URL, an invalid timeout. (The clients refuse to start
// with these.)
[[nodiscard]] Result<HubSettings> find_hub_settings(const Environment& environment);

}  // namespace hfaudit
