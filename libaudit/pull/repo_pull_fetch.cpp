// One attempt's transfer of a repo: the request to the engine, and the meaning of its answer.
#include <algorithm>
#include <chrono>

#include "base/sum.hpp"
#include "pull/repo_pull.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// Where the engine's files go.
class RepoPull::Target final : public TransferTarget {
 public:
  Target(RepoPull& pull, const std::vector<std::size_t>& groups) : pull_(pull), groups_(groups) {}

  [[nodiscard]] Result<BeginResult> begin(std::size_t job) override {
    const auto& group = pull_.groups_[groups_[job]];
    return pull_.store_->begin(*group.first, {group.replace, pull_.despite_lock(group)});
  }
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override {
    return pull_.store_->free_bytes();
  }

 private:
  RepoPull& pull_;
  const std::vector<std::size_t>& groups_;
};

RepoPull::Download RepoPull::download_of_rest() const {
  Download download;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const auto& group = groups_[i];
    if (group.present || is_loss(group.end)) continue;
    const auto claim = claim_of(ClaimSource::hub, group.first->etag());
    if (!claim) continue;  // etags of a listing are always of a known kind
    download.groups.push_back(i);
    download.jobs.push_back({group.first->path, group.first->size, group.first->etag(), claim->kind,
                             claim->hex, group.prefix});
    for (const auto& source : context_.sources.web)
      download.jobs.back().mirrors.push_back(source->urls_of(asked_.repo, commit_, *group.first));
  }
  return download;
}

Attempt RepoPull::give_up_offline(const std::vector<std::size_t>& groups) {
  carried_out_ = false;
  // The lock of each stays: evidence that it was wanted, as after a failed download.
  for (const auto number : groups)
    (void)store_->begin(*groups_[number].first, {.replace = groups_[number].replace});
  const auto wrong = std::find_if(groups.begin(), groups.end(), [&](std::size_t number) {
    return !groups_[number].wrong_source.empty();
  });
  std::string why = context_.sources.named.empty() ? "it is not here" : "no source has it";
  if (wrong != groups.end()) {
    const auto& group = groups_[*wrong];
    why = group.first->path + " in " + group.wrong_source + " does not match its checksum";
  }
  transfer_.failure = why + ", and the Hub is not asked (" + context_.settings.offline + ")";
  return Attempt::hopeless;
}

TransferLimits RepoPull::transfer_limits() const {
  const auto& options = context_.request.download;
  TransferLimits limits;
  limits.connections = std::max(options.connections, 1U);
  limits.files_at_once = std::max(options.files_at_once, 1U);
  limits.idle_timeout_s = idle_timeout_s();
  limits.max_rate = options.max_rate;
  limits.ipv4_only = options.ipv4_only;
  limits.stop = context_.stop;
  return limits;
}

void RepoPull::show_transfer(const Download& download, const TransferProgress& progress,
                             PullProgress& shown) const {
  for (std::size_t i = 0; i < download.groups.size(); ++i) {
    if (!progress.complete[i]) continue;
    const auto& group = groups_[download.groups[i]];
    shown.files += group.others.size() + 1;
    add_size(shown.bytes, times(group.others.size(), group.first->size));
  }
  for (const auto number : progress.running) {
    const auto& job = download.jobs[number];
    shown.running.push_back({job.path, progress.on_disk[number], job.size});
  }
  std::sort(shown.running.begin(), shown.running.end(),
            [](const RunningFile& a, const RunningFile& b) { return a.path < b.path; });
  if (progress.waits_s > 1)
    shown.note =
        "the Hub asks to wait " + std::to_string(static_cast<long>(progress.waits_s)) + " s";
}

Attempt RepoPull::fetch() {
  const bool any_left = std::any_of(groups_.begin(), groups_.end(), [](const Group& group) {
    return !group.present && !is_loss(group.end);
  });
  for (const auto& source : context_.sources.web) {
    if (any_left) source->locate(asked_.repo, asked_.revision);
  }
  const auto download = download_of_rest();
  if (download.jobs.empty()) {
    transfer_.failure = loss_;
    return loss_.empty() ? Attempt::done : Attempt::hopeless;
  }
  if (!may_download()) return give_up_offline(download.groups);
  const TransferHub hub{context_.settings,
                        context_.client.token_refused() ? Token{} : context_.token,
                        asked_.repo,
                        commit_,
                        !context_.is_offline(),
                        context_.ssh};
  const auto received = transfer_.received;
  Target target(*this, download.groups);
  const auto results = transfer_all(
      download.jobs, target, hub, transfer_limits(), [&](const TransferProgress& progress) {
        transfer_.received = received + progress.received;
        for (std::size_t i = 0; i < download.groups.size(); ++i)
          groups_[download.groups[i]].prefix = progress.on_disk[i];
        report_progress(PullStep::transfer,
                        [&](PullProgress& shown) { show_transfer(download, progress, shown); });
      });
  return settle(download.groups, results);
}

Attempt RepoPull::settle(const std::vector<std::size_t>& groups,
                         const std::vector<TransferResult>& results) {
  bool gained = false, busy = false, failure = false, full = false;
  std::optional<Error> unlinked;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& group = groups_[groups[i]];
    const auto& result = results[i];
    group.prefix = result.on_disk;
    group.failure = result.cause;
    transfer_.pulled.bytes += result.gained;
    group.end = result.end;
    gained = gained || (result.gained != 0 && result.end != TransferEnd::wrong);
    add_mirror_shares(group, result);
    switch (result.end) {
      case TransferEnd::complete:
      case TransferEnd::present:
        gained = true;
        if (auto noted = note_complete(group, result); !noted) unlinked = noted.error();
        break;
      case TransferEnd::busy:
        busy = true;
        note_busy(group, result.holder);
        break;
      case TransferEnd::open:
        break;
      case TransferEnd::network_error:
        failure = true;
        transfer_.failure = group.first->path + ": " + result.cause;
        retry_after_s_ = std::max(retry_after_s_, result.retry_after_s);
        break;
      case TransferEnd::refused:
        refusal_ = result.hub;
        [[fallthrough]];
      case TransferEnd::disk_full:
      case TransferEnd::disk_error:
        carried_out_ = false;
        [[fallthrough]];
      case TransferEnd::wrong:
        if (result.end == TransferEnd::wrong) group.prefix = 0;  // set aside
        full = full || result.end == TransferEnd::disk_full;
        loss_ = group.first->path + ": " + result.cause;
        break;
    }
  }
  if (unlinked) return failing(*unlinked);
  const auto all = [this](auto is) { return std::all_of(groups_.begin(), groups_.end(), is); };
  if (all([](const Group& group) { return group.present; })) return Attempt::done;
  only_wrong_ =
      all([](const Group& group) { return group.present || group.end == TransferEnd::wrong; });
  if (!loss_.empty() && (full || !(failure || busy))) {
    transfer_.failure = loss_;
    return Attempt::hopeless;
  }
  if (failure) return gained ? Attempt::gained : Attempt::nothing;
  if (busy) return gained ? Attempt::gained : Attempt::busy;
  return Attempt::gained;
}

void RepoPull::add_mirror_shares(const Group& group, const TransferResult& result) {
  for (std::size_t i = 0; i < result.from_mirrors.size(); ++i) {
    if (result.from_mirrors[i] == 0) continue;
    const bool all = result.end == TransferEnd::complete && result.from_mirrors[i] >= result.gained;
    add_share(context_.sources.web[i]->shown(), all ? group.others.size() + 1 : 0,
              result.from_mirrors[i]);
  }
}

Result<void> RepoPull::note_complete(Group& group, const TransferResult& result) {
  group.present = true;
  group.replace = false;
  group.prefix = group.first->size;
  waiting_.erase(identity_of(*group.first));
  if (result.end == TransferEnd::complete) ++transfer_.pulled.files;
  if (context_.sources.own != nullptr && !context_.request.what.local_dir)
    context_.sources.own->note_blob(asked_.repo, group.first->etag());
  if (result.ours)
    context_.proven.add(result.state.key, result.state.mtime_ns, group.first->etag(), result.chain);
  auto files = group.others;
  if (result.end == TransferEnd::present) files.push_back(group.first);
  for (const auto* file : files) {
    if (auto done = store_->link(*file); !done) return done;
    if (result.end == TransferEnd::complete) ++transfer_.pulled.files;
  }
  return {};
}

// Another process holds the lock. Wait while its partial grows; after some time without growth,
// ignore the lock.
void RepoPull::note_busy(Group& group, const Holder& holder) {
  auto& waiting = waiting_[identity_of(*group.first)];
  if (waiting.since == Clock::time_point{} || group.prefix > waiting.prefix)
    waiting = {Clock::now(), group.prefix, {}};
  waiting.holder = holder;
  const auto who = holder.pid == 0
                       ? std::string("another process")
                       : "process " + std::to_string(holder.pid) + " (" + holder.command + ")";
  group.failure = who + " is downloading it";
  transfer_.failure = who + " is downloading " + group.first->path;
}

unsigned RepoPull::idle_timeout_s() const {
  constexpr unsigned usual = 300;
  return context_.request.download.idle_timeout_s.value_or(
      context_.settings.download_timeout_s.value_or(usual));
}

bool RepoPull::despite_lock(const Group& group) const {
  const auto found = waiting_.find(identity_of(*group.first));
  if (found == waiting_.end()) return false;
  return Clock::now() - found->second.since > std::chrono::seconds(idle_timeout_s());
}

}  // namespace hfaudit
