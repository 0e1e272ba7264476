#include "source/sources.hpp"

#include <algorithm>
#include <cerrno>

#include "audit/run.hpp"
#include "http/url.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] bool is_url(std::string_view text) {
  const auto scheme = text.find("://");
  return scheme != std::string_view::npos && text.find('/') == scheme + 1;
}

// An error that names the source.
[[nodiscard]] Error with_source(Error error, const PullSource& source) {
  error.cause = source.shown() + ": " + error.cause;
  return error;
}

}  // namespace

std::string shown_source(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || text.find(':') == std::string_view::npos)
    return std::string(text);
  const auto slashes = text.find("://");
  const auto kept = slashes == std::string_view::npos ? 0 : slashes + 3;
  return std::string(text.substr(0, std::min(kept, at))) + "…" + std::string(text.substr(at));
}

std::string why_no_source(std::string_view text) {
  if (text.empty()) return "empty; name a folder or a URL";
  if (!is_url(text) || parse_source_url(text)) return {};
  const auto scheme = text.substr(0, text.find("://"));
  if (scheme == "http" || scheme == "https" || scheme == "sftp") return "not a usable URL";
  if (scheme == "file") return "name the folder by its path, without file://";
  return "sources are folders and http, https or sftp URLs, not " + std::string(scheme);
}

std::optional<http::SshAccess> find_ssh_access(const std::vector<std::string>& texts,
                                               const Environment& environment) {
  const bool any = std::any_of(texts.begin(), texts.end(),
                               [](const std::string& text) { return text.starts_with("sftp://"); });
  if (!any) return std::nullopt;
  auto home = environment.get("HOME");
  if (!home || home->empty()) home = environment.home_of ? environment.home_of("") : std::nullopt;
  if (!home || home->empty()) return std::nullopt;
  const auto folder = *home + "/.ssh/";
  http::SshAccess access{environment.get("USER").value_or(environment.get("LOGNAME").value_or("")),
                         folder + "known_hosts",
                         {}};
  const auto opened = os::Directory::open_root(folder);
  for (const auto* key : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    if (opened && access.private_key.empty() && opened->may_read(key))
      access.private_key = folder + key;
  }
  return access;
}

Result<Sources> open_sources(const std::vector<std::string>& texts, const std::string& own_hub,
                             std::shared_ptr<const os::CacheUser> recipient,
                             const WebOptions& options) {
  Sources sources;
  for (const auto& text : texts) {
    if (auto why = why_no_source(text); !why.empty())
      return failure("use --from", shown_source(text), why);
    if (is_url(text)) {
      sources.named.push_back(
          sources.web.emplace_back(std::make_unique<WebSource>(*parse_source_url(text), options))
              .get());
      continue;
    }
    auto opened = LocalSource::open(absolute_path(text), recipient);
    if (opened)
      sources.named.push_back(sources.local.emplace_back(std::move(*opened)).get());
    else
      sources.unreachable.push_back({shown_source(text), "use the source", opened.error().cause});
  }
  sources.own_hub = own_hub;
  sources.recipient = std::move(recipient);
  sources.find_own();
  return sources;
}

void Sources::find_own() {
  if (own != nullptr) return;
  if (auto opened = LocalSource::open_hub(own_hub, recipient))
    own = local.emplace_back(std::move(*opened)).get();
}

Result<Sources::Found> Sources::find(const RepoId& repo,
                                     const std::optional<std::string>& revision) const {
  std::optional<Error> worst, absent;
  std::optional<Found> best;
  auto asked = named;
  if (own != nullptr) asked.insert(asked.begin(), own);
  for (auto* source : asked) {
    const auto wanted = best ? std::optional(best->listing.commit) : revision;
    auto found = source->find(repo, wanted);
    if (!found && !os::is_absent(found.error()) && !worst)
      worst = with_source(found.error(), *source);
    if (!found && source != own && !absent) absent = with_source(found.error(), *source);
    if (!found || (best && !found->tree.whole)) continue;
    best = Found{std::move(*found), source};
    if (best->listing.tree.whole) break;
  }
  if (best) return std::move(*best);
  if (worst) return tl::unexpected<Error>(*worst);
  if (absent) return tl::unexpected<Error>(*absent);
  return failure("find", repo.name(), "the cache has no listing of its files", ENOENT);
}

}  // namespace hfaudit
