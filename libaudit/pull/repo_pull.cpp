#include "pull/repo_pull.hpp"

#include <algorithm>

#include "hfaudit/render.hpp"
#include "os/draft_io.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

// A blob has one name and one lock, whatever the files of it are called. In a --local-dir each file is for itself.
[[nodiscard]] std::string identity_of(const TreeFile& file, bool local) {
  return local ? file.path : file.etag();
}

[[nodiscard]] std::string sentence(const Error& error) {
  return "cannot " + error.operation + " " + error.subject + ": " + error.cause;
}

// Of no use to try again in this run.
[[nodiscard]] bool is_loss(TransferEnd end) {
  return end == TransferEnd::refused || end == TransferEnd::wrong || end == TransferEnd::disk_full ||
         end == TransferEnd::disk_trouble;
}

}  // namespace

// Where the engine's files go.
class RepoPull::Place final : public TransferPlace {
 public:
  Place(RepoPull& pull, const std::vector<std::size_t>& groups) : pull_(pull), groups_(groups) {}

  [[nodiscard]] Result<Begun> begin(std::size_t job) override {
    const auto& group = pull_.groups_[groups_[job]];
    return pull_.store_->begin(*group.first, group.replace, pull_.despite_lock(group));
  }
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override { return pull_.store_->free_bytes(); }

 private:
  RepoPull& pull_;
  const std::vector<std::size_t>& groups_;
};

RepoPull::RepoPull(PullContext& context, PullJob job)
    : context_(context), asked_(std::move(job.repo)), names_(job.names.begin(), job.names.end()) {
  transfer_.repo = asked_.repo;
  transfer_.revision = asked_.revision.value_or("");
  transfer_.planned = context_.request.mode != PullMode::pull;
}

Attempt RepoPull::attempt() {
  const auto began = Clock::now();
  const bool writes = !transfer_.planned;
  if (writes) ++transfer_.attempts;
  transfer_.trouble.clear();
  asked_s_.reset();
  std::optional<Attempt> ended = list();
  if (!ended) ended = open_store();
  if (!ended) ended = look();
  if (!ended && writes) ended = check();
  if (!ended && writes) ended = check_space();
  if (!ended && writes) ended = link_present();
  if (!ended) ended = writes ? fetch() : Attempt::done;
  sum_up();
  if (listed_ && writes) tell(PullStep::transfer);
  transfer_.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  return *ended;
}

bool RepoPull::is_wanted(const TreeFile& file) const {
  if (names_.empty()) return context_.wanted(file.path);
  const auto& path = file.path;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (names_.contains(std::string_view(path).substr(0, slash + 1))) return true;
  }
  return names_.contains(path) || names_.contains(file.etag());
}

// What the Hub has, once for the whole run: a branch that moves meanwhile changes nothing.
std::optional<Attempt> RepoPull::list() {
  if (listed_) return std::nullopt;
  tell(PullStep::ask);
  if (commit_.empty()) {
    const auto commit = context_.client.resolve(asked_.repo, asked_.revision.value_or("main"));
    if (!commit) return troubled(commit.error());
    transfer_.commit = commit_ = *commit;
  }
  auto tree = context_.client.tree(asked_.repo, commit_);
  if (!tree) return troubled(tree.error());
  tree_ = std::move(*tree);
  std::map<std::string, std::size_t> known;
  const bool local = context_.request.what.local_dir.has_value();
  for (const auto& file : tree_.files) {
    if (!is_wanted(file)) continue;
    ++transfer_.wanted.files;
    transfer_.wanted.bytes += file.size;
    const auto [at, fresh] = known.try_emplace(identity_of(file, local), groups_.size());
    if (fresh) add_group(file);
    if (!fresh) groups_[at->second].others.push_back(&file);
  }
  std::stable_sort(groups_.begin(), groups_.end(),
                   [](const Group& a, const Group& b) { return a.first->size > b.first->size; });
  listed_ = true;
  if (!groups_.empty() || tree_.files.empty()) return std::nullopt;
  carried_out_ = false;
  transfer_.trouble = names_.empty() ? "no file of it matches --include and --exclude: check the patterns"
                                     : "the Hub has none of the files that are damaged here";
  return Attempt::hopeless;
}

// Clients on Windows take a backslash for a folder's end: no such name is ever made.
void RepoPull::add_group(const TreeFile& file) {
  auto& group = groups_.emplace_back();
  group.first = &file;
  if (file.path.find('\\') == std::string::npos) return;
  group.end = TransferEnd::refused;
  group.trouble = "there is a backslash in its name, which could lead out of the folder: it is not downloaded";
  loss_ = file.path + ": " + group.trouble;
  carried_out_ = false;
}

std::optional<Attempt> RepoPull::open_store() {
  if (store_) return std::nullopt;
  const auto& what = context_.request.what;
  const auto revision = asked_.revision.value_or("main");
  auto store = what.local_dir
                   ? open_local_store(*what.local_dir, asked_.repo, revision, commit_)
                   : open_cache_store(context_.layout, asked_.repo, revision, commit_, context_.symlinks);
  if (!store) return troubled(store.error());
  store_ = std::move(*store);
  return std::nullopt;
}

std::optional<Attempt> RepoPull::look() {
  for (auto& group : groups_) {
    auto state = store_->look(*group.first);
    if (!state) return troubled(state.error());
    group.state = *state;
    group.present = state->present;
    group.prefix = std::min(state->prefix, group.first->size);
    if (!is_loss(group.end)) group.trouble.clear();
    if (looked_) continue;
    const auto names = group.others.size() + 1;
    if (group.present) transfer_.had.files += names;
    transfer_.had.bytes += group.present ? names * group.first->size : group.prefix;
  }
  looked_ = true;
  return std::nullopt;
}

// Hashes what is there, but was not hashed in this run.
std::optional<Attempt> RepoPull::check() {
  if (context_.request.trust_present) return std::nullopt;
  std::vector<PresentFile> files;
  std::map<const TreeFile*, Group*> by_file;
  for (auto& group : groups_) {
    if (!group.present || context_.proven.holds(group.state.key, group.state.mtime_ns)) continue;
    files.push_back({group.first, group.state});
    by_file[group.first] = &group;
  }
  if (files.empty()) return std::nullopt;
  check_present(files, *store_, context_.interrupted, [this](std::uint64_t) { tell(PullStep::check); });
  for (const auto& file : files) {
    if (file.good) context_.proven.add(file.state.key, file.state.mtime_ns);
    if (!file.bad) continue;
    auto& group = *by_file[file.file];
    group.present = false;
    group.replace = true;
    group.prefix = 0;
  }
  return std::nullopt;
}

std::optional<Attempt> RepoPull::check_space() {
  std::uint64_t needed = 0;
  for (const auto& group : groups_) {
    if (!group.present && !is_loss(group.end)) needed += group.first->size - group.prefix;
  }
  const auto free = store_->free_bytes();
  if (!free || *free >= needed) return std::nullopt;
  carried_out_ = false;
  transfer_.trouble = "the disk is too full: " + human_bytes(needed) + " are needed and " + human_bytes(*free) +
                      " are free; free some space and run it again";
  return Attempt::hopeless;
}

std::optional<Attempt> RepoPull::link_present() {
  if (!prepared_) {
    if (auto done = store_->prepare(tree_); !done) return troubled(done.error());
    prepared_ = true;
  }
  for (auto& group : groups_) {
    if (!group.present) continue;
    auto files = group.others;
    files.push_back(group.first);
    for (const auto* file : files) {
      if (auto done = store_->link(*file); !done) return troubled(done.error());
    }
  }
  return std::nullopt;
}

Attempt RepoPull::fetch() {
  std::vector<std::size_t> groups;
  std::vector<TransferJob> jobs;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const auto& group = groups_[i];
    if (group.present || is_loss(group.end)) continue;
    const auto claim = claim_of(ClaimSource::hub, group.first->etag());
    if (!claim) continue;  // a listing has no other etags
    groups.push_back(i);
    jobs.push_back(
        {group.first->path, group.first->size, group.first->etag(), claim->kind, claim->hex, group.prefix});
  }
  if (jobs.empty()) {
    transfer_.trouble = loss_;
    return loss_.empty() ? Attempt::done : Attempt::hopeless;
  }
  const auto& request = context_.request;
  TransferLimits limits;
  limits.connections = std::max(request.connections, 1U);
  limits.files_at_once = std::max(request.files_at_once, 1U);
  limits.idle_timeout_s = idle_timeout_s();
  limits.max_rate = request.max_rate;
  limits.ipv4_only = request.ipv4_only;
  limits.interrupted = context_.interrupted;
  const TransferHub hub{context_.settings, context_.client.token_refused() ? Token{} : context_.token, asked_.repo,
                        commit_};
  const auto received = transfer_.received;
  Place place(*this, groups);
  const auto results = transfer_all(jobs, place, hub, limits, [&](const TransferProgress& progress) {
    transfer_.received = received + progress.received;
    for (std::size_t i = 0; i < groups.size(); ++i)
      groups_[groups[i]].prefix = progress.on_disk[i];
    tell(PullStep::transfer, [&](PullProgress& shown) {
      for (const auto job : progress.running)
        shown.running.push_back({jobs[job].path, progress.on_disk[job], jobs[job].size});
      std::sort(shown.running.begin(), shown.running.end(),
                [](const RunningFile& a, const RunningFile& b) { return a.path < b.path; });
      if (progress.waits_s > 1)
        shown.note = "the Hub asks to wait " + std::to_string(static_cast<long>(progress.waits_s)) + " s";
    });
  });
  return settle(groups, results);
}

Attempt RepoPull::settle(const std::vector<std::size_t>& groups, const std::vector<TransferResult>& results) {
  bool gained = false, busy = false, trouble = false, full = false;
  std::optional<Error> unlinked;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& group = groups_[groups[i]];
    const auto& result = results[i];
    group.prefix = result.on_disk;
    group.trouble = result.cause;
    transfer_.pulled.bytes += result.gained;
    group.end = result.end;
    gained = gained || (result.gained != 0 && result.end != TransferEnd::wrong);
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
      case TransferEnd::trouble:
        trouble = true;
        transfer_.trouble = result.cause;
        asked_s_ = std::max(asked_s_, result.asked_s);
        break;
      case TransferEnd::refused:
        refusal_ = result.hub;
        [[fallthrough]];
      case TransferEnd::disk_full:
      case TransferEnd::disk_trouble:
        carried_out_ = false;
        [[fallthrough]];
      case TransferEnd::wrong:
        if (result.end == TransferEnd::wrong) group.prefix = 0;  // set aside
        full = full || result.end == TransferEnd::disk_full;
        loss_ = group.first->path + ": " + result.cause;
        break;
    }
  }
  if (unlinked) return troubled(*unlinked);
  const auto all = [this](auto is) { return std::all_of(groups_.begin(), groups_.end(), is); };
  if (all([](const Group& group) { return group.present; })) return Attempt::done;
  only_wrong_ = all([](const Group& group) { return group.present || group.end == TransferEnd::wrong; });
  if (!loss_.empty() && (full || !(trouble || busy))) {
    transfer_.trouble = loss_;
    return Attempt::hopeless;
  }
  if (trouble) return gained ? Attempt::gained : Attempt::nothing;
  if (busy) return gained ? Attempt::gained : Attempt::busy;
  return Attempt::gained;
}

Result<void> RepoPull::note_complete(Group& group, const TransferResult& result) {
  group.present = true;
  group.replace = false;
  group.prefix = group.first->size;
  waiting_.erase(key_of(group));
  if (result.end == TransferEnd::complete) ++transfer_.pulled.files;
  if (result.ours) context_.proven.add(result.state.key, result.state.mtime_ns);
  auto files = group.others;
  if (result.end == TransferEnd::present) files.push_back(group.first);
  for (const auto* file : files) {
    if (auto done = store_->link(*file); !done) return done;
    if (result.end == TransferEnd::complete) ++transfer_.pulled.files;
  }
  return {};
}

// Somebody else is at it. As long as it grows we wait; the lock of who has gone silent is not respected for ever.
void RepoPull::note_busy(Group& group, const Holder& holder) {
  auto& waiting = waiting_[key_of(group)];
  if (waiting.since == Clock::time_point{} || group.prefix > waiting.prefix)
    waiting = {Clock::now(), group.prefix, {}};
  waiting.holder = holder;
  const auto who = holder.pid == 0 ? std::string("another process")
                                   : "process " + std::to_string(holder.pid) + " (" + holder.command + ")";
  group.trouble = who + " is downloading it";
  transfer_.trouble = who + " is downloading " + group.first->path;
}

std::string RepoPull::key_of(const Group& group) const {
  return identity_of(*group.first, context_.request.what.local_dir.has_value());
}

unsigned RepoPull::idle_timeout_s() const {
  constexpr unsigned usual = 300;
  return context_.request.idle_timeout_s.value_or(context_.settings.download_timeout_s.value_or(usual));
}

bool RepoPull::despite_lock(const Group& group) const {
  const auto found = waiting_.find(key_of(group));
  if (found == waiting_.end()) return false;
  return Clock::now() - found->second.since > std::chrono::seconds(idle_timeout_s());
}

Attempt RepoPull::troubled(const HubError& error) {
  if (error.trouble == HubTrouble::interrupted) return Attempt::nothing;
  transfer_.trouble = error.error.cause;
  asked_s_ = error.asked_s;
  if (refusal_of(error.trouble) == Refusal::none && error.trouble != HubTrouble::offline) return Attempt::nothing;
  refusal_ = error.trouble;
  carried_out_ = false;
  return Attempt::hopeless;
}

Attempt RepoPull::troubled(const Error& error) {
  carried_out_ = false;
  transfer_.trouble = os::is_full(error) ? "the disk is full: free some space and run it again" : sentence(error);
  return Attempt::hopeless;
}

void RepoPull::sum_up() {
  transfer_.left.clear();
  for (const auto& group : groups_) {
    if (group.present) continue;
    auto files = group.others;
    files.push_back(group.first);
    for (const auto* file : files)
      transfer_.left.push_back({file->path, file->size, group.prefix, group.trouble});
  }
  std::sort(transfer_.left.begin(), transfer_.left.end(),
            [](const PlannedFile& a, const PlannedFile& b) { return a.path < b.path; });
  if (transfer_.left.empty() && listed_ && carried_out_) transfer_.trouble.clear();
}

std::optional<Blind> RepoPull::blind() const {
  if (whole()) return std::nullopt;
  const bool refused = refusal_of(refusal_) != Refusal::none;
  if (listed_ && carried_out_ && (only_wrong_ || transfer_.planned)) return std::nullopt;
  const auto name = asked_.repo.name() + (asked_.revision ? "@" + *asked_.revision : "");
  const auto cause = transfer_.trouble.empty() ? "it was not finished" : transfer_.trouble;
  return Blind{name, "download all of", cause, {}, refused};
}

PullProgress RepoPull::where(PullStep step) const {
  PullProgress progress;
  progress.repo = asked_.repo;
  progress.step = step;
  progress.files_total = transfer_.wanted.files;
  progress.bytes_total = transfer_.wanted.bytes;
  progress.received = transfer_.received;
  for (const auto& group : groups_) {
    const auto names = group.others.size() + 1;
    if (group.present) progress.files += names;
    progress.bytes += group.present ? names * group.first->size : std::min(group.prefix, group.first->size);
  }
  return progress;
}

void RepoPull::tell(PullStep step, const std::function<void(PullProgress&)>& fill) {
  auto progress = where(step);
  if (fill) fill(progress);
  context_.progress(progress);
}

}  // namespace hfaudit
