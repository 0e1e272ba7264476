// A source on a web server that serves the files of a hub cache: nginx, caddy, `python3 -m
// http.server`. Only fixed paths are requested; its pages are ignored.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "http/session.hpp"
#include "http/url.hpp"
#include "source/source.hpp"

namespace hfaudit {

struct WebOptions {
  std::string ca_bundle;
  unsigned timeout_s = 10;
  bool ipv4_only = false;
  std::optional<http::SshAccess> ssh;  // for sftp
  std::stop_token stop;
};

class WebSource final : public PullSource {
 public:
  // `hub`: the URL of the hub cache's folder, or of the home around it.
  WebSource(Url hub, WebOptions options);

  [[nodiscard]] const std::string& shown() const override { return shown_; }
  [[nodiscard]] Result<SourceListing> find(const RepoId& repo,
                                           const std::optional<std::string>& revision) override;
  // Finds out whether the repo lies below the URL or below its `/hub`.
  void locate(const RepoId& repo, const std::optional<std::string>& revision);
  // Where the content of a file may be, best first: its blob, its entry.
  [[nodiscard]] std::vector<Url> urls_of(const RepoId& repo, const std::string& commit,
                                         const TreeFile& file) const;

 private:
  [[nodiscard]] Url url_of(std::string_view path) const;
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t most_bytes);
  [[nodiscard]] Result<std::string> read_below_hub(const std::string& path, std::size_t most_bytes);

  Url hub_;
  bool located_ = false;
  bool unreachable_ = false;  // once locate() has found that out, it does not ask again
  std::string shown_;
  WebOptions options_;
  http::Session session_;
};

}  // namespace hfaudit
