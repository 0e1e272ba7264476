// make_lock(): a lock file of the cache's content.
#include <algorithm>
#include <cerrno>
#include <optional>

#include "audit/run.hpp"
#include "base/text.hpp"
#include "digest/read_one.hpp"
#include "hfaudit/audit.hpp"
#include "hfaudit/lock.hpp"
#include "hfaudit/render.hpp"
#include "os/input.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "scan/walk.hpp"

namespace hfaudit {
namespace {

Result<ContentRead> hash_file(std::unique_ptr<os::File> file, const ReadingJob& job,
                              const std::stop_token& stop) {
  const auto name = file->name();
  auto read = read_one(std::move(file), job, stop);
  if (!read) return failure("read", name, "interrupted", EINTR);
  if (read->outcome == ReadOutcome::changed)
    return failure("read", name, "it changed while it was read");
  if (read->outcome != ReadOutcome::whole) return failure("read", name, read->cause);
  return *std::move(read);
}

// The repo folders of the cache, or the --local-dir, and where its files lie in it.
class CacheReader {
 public:
  CacheReader(const Layout& layout, const AuditRequest& request, os::Directory root,
              os::CacheUser user, std::stop_token stop)
      : request_(request),
        path_(request.local_dir ? absolute_path(*request.local_dir) : layout.hub_cache.path),
        root_(std::move(root)),
        user_(std::move(user)),
        stop_(std::move(stop)) {}

  [[nodiscard]] const std::stop_token& stop() const { return stop_; }

  [[nodiscard]] ScannedRepo scan(const RepoId& repo) {
    const WalkContext walk{root_, path_, user_, processes_, unix_time_ns()};
    return request_.local_dir ? scan_local_dir(walk, repo) : scan_repo(walk, repo, repo.folder());
  }
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const RepoId& repo,
                                                       const std::string& commit,
                                                       const std::string& path) const {
    if (request_.local_dir) return root_.open_file(path, os::Links::follow);
    const auto folder = root_.open_directory(repo.folder(), os::Links::follow);
    if (!folder) return tl::unexpected(folder.error());
    return folder->open_file("snapshots/" + commit + "/" + path, os::Links::follow);
  }

 private:
  const AuditRequest& request_;
  std::string path_;
  os::Directory root_;
  os::CacheUser user_;
  std::stop_token stop_;
  os::Processes processes_{may_be_partial};
};

// The digest of the file: by the listing, the blob's name, or the download's record.
std::optional<Claim> name_of(const RepoInventory& repo, const RevisionEvidence& evidence,
                             const Entry& entry) {
  const auto* listing = evidence.listing();
  if (const auto* listed = listing == nullptr ? nullptr : listing->find(entry.path))
    return claim_of(ClaimSource::tree, listed->etag());
  for (const auto& record : evidence.recorded) {
    if (record.file == entry.path) return claim_of(ClaimSource::record, record.metadata.etag);
  }
  if (entry.blob < 0) return std::nullopt;
  return claim_of(ClaimSource::name, repo.blobs[static_cast<std::size_t>(entry.blob)].name);
}

Result<LockedFile> lock_file(const CacheReader& source, const RepoInventory& repo,
                             const std::string& commit, const RevisionEvidence& evidence,
                             const Entry& entry) {
  LockedFile file{entry.path, entry.meta.size, {}, {}};
  const auto name = name_of(repo, evidence, entry);
  if (name) {
    (name->kind == HashKind::sha256 ? file.sha256 : file.git_sha1) = name->hex;
    return file;
  }
  auto opened = source.open(repo.repo, commit, entry.path);
  if (!opened) return tl::unexpected(opened.error());
  auto read = hash_file(std::move(*opened), {.size = file.size, .sha256 = true}, source.stop());
  if (!read) return tl::unexpected(read.error());
  file.sha256 = std::move(read->sha256);
  return file;
}

// The revision that the user's words mean; without words main, else the only one that there is.
std::optional<std::size_t> number_of(const RepoInventory& repo,
                                     const std::optional<std::string>& asked) {
  auto commit = resolve_revision(repo, asked.value_or("main"));
  const auto& revisions = repo.revisions;
  if (!commit && !asked && revisions.size() == 1) commit = revisions.front().commit;
  for (std::size_t i = 0; commit && i < revisions.size(); ++i) {
    if (revisions[i].commit == *commit) return i;
  }
  return std::nullopt;
}

std::string advice_for(const Report& report, const RepoId& repo) {
  for (const auto& finding : report.findings) {
    if (finding.repo == repo && finding.severity == Severity::error)
      return printable(finding.message) + "; run: hfaudit repair " + repo.name();
  }
  return "run: hfaudit scan " + repo.name();
}

// Adds to `attempt` a locked repo or its refusal.
void lock_repo(CacheReader& source, const RepoRequest& asked, const Report& report,
               const PathFilter& filter, LockAttempt& attempt) {
  const auto seen = source.scan(asked.repo);
  const auto number = number_of(seen.inventory, asked.revision);
  const auto refuse = [&](ExitCode code, const std::string& why) {
    attempt.refused.push_back({"cannot lock " + asked.name() + ": " + why, code});
  };
  if (!number)
    return refuse(ExitCode::usage,
                  "the revision is not in the cache; run: hfaudit scan " + asked.repo.name());
  const auto& revision = seen.inventory.revisions[*number];
  const auto* judged = find_revision(report, asked.repo, revision.commit);
  const auto verdict = judged == nullptr ? Verdict::unknown : judged->verdict;
  if (verdict == Verdict::unknown)
    return refuse(ExitCode::incomplete, "no evidence shows whether it is complete");
  if (verdict == Verdict::in_progress)
    return refuse(ExitCode::damage, "a process is downloading it; run: hfaudit watch " +
                                        printable(asked.repo.name()));
  if (verdict != Verdict::complete && verdict != Verdict::subset)
    return refuse(ExitCode::damage, std::string("it is ") + std::string(to_string(verdict)) + ": " +
                                        advice_for(report, asked.repo));
  const bool by_ref = std::find(judged->refs.begin(), judged->refs.end(),
                                asked.revision.value_or("main")) != judged->refs.end();
  LockedRepo locked{
      asked.repo, by_ref ? asked.revision.value_or("main") : revision.commit, revision.commit, {}};
  if (!is_commit_hash(locked.commit)) return refuse(ExitCode::usage, "its commit is not known");
  for (const auto& entry : revision.entries) {
    const bool file = entry.exists && !entry.to_partial && !entry.escapes;
    if (!file || !filter.accepts(entry.path)) continue;
    auto one =
        lock_file(source, seen.inventory, revision.commit, seen.evidence.revisions[*number], entry);
    if (!one)
      return refuse(ExitCode::incomplete, "cannot " + one.error().operation + " " +
                                              printable(entry.path) + ": " + one.error().cause);
    locked.files.push_back(std::move(*one));
  }
  attempt.locked.repos.push_back(std::move(locked));
}

// As coreutils writes names with a backslash or a line end.
std::string sum_line(const std::string& digest, const std::string& path) {
  std::string name;
  for (const char c : path) {
    if (c == '\\')
      name += "\\\\";
    else if (c == '\n')
      name += "\\n";
    else if (c == '\r')
      name += "\\r";
    else
      name += c;
  }
  return (name == path ? "" : "\\") + digest + "  " + name + "\n";
}

}  // namespace

Result<LockAttempt> make_lock(const Layout& layout, const AuditRequest& request,
                              const std::stop_token& stop) {
  auto what = request;
  what.whole_home = false;
  auto report = audit(layout, what, stop);
  if (!report) return tl::unexpected(report.error());
  LockAttempt attempt;
  for (const auto& missing : report->not_found)
    attempt.refused.push_back(
        {"cannot lock " + printable(missing.name) + ": " + missing.cause, ExitCode::usage});
  for (const auto& place : report->unreadable)
    attempt.refused.push_back(
        {"cannot " + place.operation + " " + printable(place.path) + ": " + place.cause,
         ExitCode::incomplete});
  if (!attempt.refused.empty()) return attempt;
  auto root =
      os::Directory::open_root(request.local_dir ? *request.local_dir : layout.hub_cache.path);
  if (!root) return tl::unexpected(root.error());
  auto user = find_cache_user(layout, request);
  if (!user) return tl::unexpected(user.error());
  CacheReader source(layout, request, std::move(*root), std::move(*user), stop);
  const PathFilter filter{request.include, request.exclude};
  for (const auto& asked : request.repos)
    lock_repo(source, asked, *report, filter, attempt);
  sort(attempt.locked);
  return attempt;
}

Result<std::string> format_sha256sum(const Layout& layout, const LockedRepos& locked,
                                     const std::stop_token& stop) {
  std::string text;
  const auto hub = os::Directory::open_root(layout.hub_cache.path);
  for (const auto& repo : locked.repos) {
    const auto snapshot = repo.repo.folder() + "/snapshots/" + repo.commit + "/";
    for (const auto& file : repo.files) {
      auto digest = file.sha256;
      if (digest.empty()) {
        if (!hub) return tl::unexpected(hub.error());
        auto opened = hub->open_file(snapshot + file.path, os::Links::follow);
        if (!opened) return tl::unexpected(opened.error());
        auto read = hash_file(std::move(*opened),
                              {.size = file.size, .sha256 = true, .git_sha1 = true}, stop);
        if (!read) return tl::unexpected(read.error());
        if (read->git_sha1 != file.git_sha1)
          return failure("lock", file.path, "its content is not what its name says", EILSEQ);
        digest = std::move(read->sha256);
      }
      text += sum_line(digest, snapshot + file.path);
    }
  }
  return text;
}

Result<LockedRepos> read_lock(const std::string& path) {
  constexpr std::uint64_t most_bytes = std::uint64_t{512} << 20;
  const auto text = os::read_file(path, most_bytes);
  if (!text) return tl::unexpected(text.error());
  auto locked = parse_lock(*text);
  if (!locked) return failure("use", path, locked.error().cause, locked.error().code);
  return locked;
}

}  // namespace hfaudit
