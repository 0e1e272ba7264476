#include "source/web_source.hpp"

#include <cerrno>

#include "hfaudit/version.hpp"

namespace hfaudit {
namespace {

constexpr int ok = 200, status_not_found = 404, gone = 410;
constexpr std::size_t most_ref_bytes = 4096, most_tree_bytes = std::size_t{512} << 20U;

}  // namespace

WebSource::WebSource(Url hub, WebOptions options)
    : hub_(std::move(hub)),
      options_(std::move(options)),
      session_({"hfaudit/" + std::string(version()), options_.ca_bundle, options_.ipv4_only,
                options_.ssh}) {
  while (hub_.path.ends_with('/'))
    hub_.path.pop_back();
  hub_.query.clear();
  shown_ = hub_.shown();
}

Url WebSource::url_of(std::string_view path) const {
  auto url = hub_;
  url.path += "/" + quote(path, "/");
  return url;
}

std::vector<Url> WebSource::urls_of(const RepoId& repo, const std::string& commit,
                                    const TreeFile& file) const {
  return {url_of(repo.folder() + "/blobs/" + file.etag()),
          url_of(repo.folder() + "/snapshots/" + commit + "/" + file.path)};
}

Result<std::string> WebSource::read(const std::string& path, std::size_t most_bytes) {
  http::Request request;
  const auto url = url_of(path);
  request.url = url.text();
  request.most_bytes = most_bytes;
  request.connect_timeout_s = request.idle_timeout_s = options_.timeout_s;
  auto answer = session_.perform(request, options_.stop);
  if (!answer) return tl::unexpected<Error>(answer.error().error);
  if (answer->status == ok) return std::move(answer->body);
  const bool absent = answer->status == status_not_found || answer->status == gone;
  return failure("read", url.shown(), "the server returned " + std::to_string(answer->status),
                 absent ? ENOENT : 0);
}

// A server of the whole home has the hub cache in a folder of its own.
Result<std::string> WebSource::read_below_hub(const std::string& path, std::size_t most_bytes) {
  auto text = read(path, most_bytes);
  if (text) located_ = true;
  constexpr std::string_view folder = "/hub";
  if (text || located_ || hub_.path.ends_with(folder) || text.error().code != ENOENT) return text;
  const auto given = hub_.path;
  hub_.path += folder;
  auto below = read(path, most_bytes);
  located_ = below.has_value();
  if (below) return below;
  hub_.path = given;
  if (below.error().code == ENOENT)
    text.error().cause += ", also below " + std::string(folder) +
                          ": it lacks the repo, or this is not the URL of a hub cache";
  return text;
}

void WebSource::locate(const RepoId& repo, const std::optional<std::string>& revision) {
  if (located_ || unreachable_ || hub_.path.ends_with("/hub")) return;
  const auto name = revision.value_or("main");
  const auto found =
      is_commit_hash(name)
          ? read_below_hub(repo.folder() + "/trees/" + name + ".json", most_tree_bytes)
          : read_below_hub(repo.folder() + "/refs/" + name, most_ref_bytes);
  unreachable_ = !found && found.error().code != ENOENT;
}

Result<SourceListing> WebSource::find(const RepoId& repo,
                                      const std::optional<std::string>& revision) {
  auto commit = revision.value_or("main");
  if (!is_commit_hash(commit)) {
    const auto ref = read_below_hub(repo.folder() + "/refs/" + commit, most_ref_bytes);
    if (!ref) return tl::unexpected<Error>(ref.error());
    const auto parsed = parse_ref(*ref);
    if (parsed.state != RefState::commit && parsed.state != RefState::commit_with_space)
      return failure("read", repo.folder() + "/refs/" + commit, "it has no commit hash");
    commit = parsed.commit;
  }
  const auto path = repo.folder() + "/trees/" + commit + ".json";
  const auto text = read_below_hub(path, most_tree_bytes);
  if (!text) return tl::unexpected<Error>(text.error());
  MemorySource bytes(*text);
  auto tree = read_tree(bytes);
  if (!tree) return tl::unexpected<Error>(tree.error());
  if (!*tree) return failure("read", path, "a listing of a later format", ENOENT);
  return SourceListing{commit, std::move(**tree)};
}

}  // namespace hfaudit
