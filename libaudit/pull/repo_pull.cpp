#include "pull/repo_pull.hpp"

#include <algorithm>

#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "listings/locked.hpp"
#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

[[nodiscard]] std::string sentence(const Error& error) {
  return "cannot " + error.operation + " " + error.subject + ": " + error.cause;
}

}  // namespace

std::string RepoPull::identity_of(const TreeFile& file) const {
  return context_.request.what.local_dir ? file.path : file.etag();
}

bool RepoPull::is_loss(TransferEnd end) {
  return end == TransferEnd::refused || end == TransferEnd::wrong ||
         end == TransferEnd::disk_full || end == TransferEnd::disk_error;
}

RepoPull::RepoPull(PullContext& context, PullJob job)
    : context_(context),
      asked_(std::move(job.repo)),
      names_(job.names.begin(), job.names.end()),
      words_(std::move(job.words)),
      no_file_of_(std::move(job.no_file_of)),
      optional_(job.optional) {
  const auto& locked = context.request.what.locked;
  if (locked && asked_.revision) locked_ = find_locked(*locked, asked_.repo, *asked_.revision);
  transfer_.repo = asked_.repo;
  transfer_.revision = asked_.revision.value_or("");
  transfer_.planned = context_.request.mode != PullMode::pull;
}

Attempt RepoPull::attempt() {
  const auto began = Clock::now();
  const bool writes = !transfer_.planned;
  if (writes) ++transfer_.attempts;
  transfer_.failure.clear();
  retry_after_s_.reset();
  std::optional<Attempt> ended = list();
  if (!ended) ended = open_store();
  if (!ended) ended = inspect();
  if (!ended && writes) ended = check();
  if (!ended && writes) ended = link_present();
  if (!ended && writes) ended = take_from_sources();
  if (!ended && writes) ended = check_space();
  if (!ended && writes && !context_.is_offline()) patch_damaged();
  if (!ended) ended = writes ? fetch() : Attempt::done;
  sum_up();
  if (listed_ && writes) report_progress(PullStep::transfer);
  transfer_.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  return *ended;
}

std::optional<Attempt> RepoPull::open_store() {
  if (store_) return std::nullopt;
  const auto& what = context_.request.what;
  const auto revision = locked_ != nullptr ? locked_->revision : asked_.revision.value_or("main");
  auto store = what.local_dir ? open_local_store(*what.local_dir, asked_.repo, commit_)
                              : open_cache_store(context_.layout, asked_.repo, revision, commit_,
                                                 context_.store);
  if (!store) return failing(store.error());
  store_ = std::move(*store);
  return std::nullopt;
}

std::optional<Attempt> RepoPull::inspect() {
  for (auto& group : groups_) {
    if (group.forbidden) continue;
    auto state = store_->inspect(*group.first);
    if (!state) return failing(state.error());
    group.state = *state;
    group.present = state->present;
    group.prefix = std::min(state->prefix, group.first->size);
    if (!is_loss(group.end)) group.failure.clear();
    if (scanned_) continue;
    const auto names = group.others.size() + 1;
    if (group.present) transfer_.had.files += names;
    add_size(transfer_.had.bytes, group.present ? times(names, group.first->size) : group.prefix);
  }
  scanned_ = true;
  return std::nullopt;
}

// Hashes the present files that this run has left unhashed so far.
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
  check_present(files, *store_, context_.stop,
                [this](std::uint64_t) { report_progress(PullStep::check); });
  unchecked_ = std::any_of(files.begin(), files.end(), [this](const PresentFile& file) {
    return !file.good && !file.bad && context_.stop.stop_requested();
  });
  for (const auto& file : files) {
    if (file.good) context_.proven.add(file.state.key, file.state.mtime_ns, file.file->etag());
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
    if (!group.present && !is_loss(group.end)) add_size(needed, group.first->size - group.prefix);
  }
  const auto free = store_->free_bytes();
  if (!free || *free >= needed) return std::nullopt;
  carried_out_ = false;
  transfer_.failure = "not enough disk space: " + human_bytes(needed) + " needed, " +
                      human_bytes(*free) + " free; free some space and run the command again";
  return Attempt::hopeless;
}

std::optional<Attempt> RepoPull::link_present() {
  if (!prepared_) {
    if (auto done = store_->prepare(tree_); !done) return failing(done.error());
    prepared_ = true;
  }
  for (auto& group : groups_) {
    if (!group.present) continue;
    auto files = group.others;
    files.push_back(group.first);
    for (const auto* file : files) {
      if (auto done = store_->link(*file); !done) return failing(done.error());
    }
  }
  return std::nullopt;
}

// `hfaudit pull acme/six config.jsn`: the word may be a file with a typing error.
std::string RepoPull::as_file() const {
  return no_file_of_.empty() ? "" : "; nor does " + no_file_of_ + " have a file of this name";
}

Attempt RepoPull::failing(const HubError& error) {
  if (error.kind == HubErrorKind::interrupted) return Attempt::nothing;
  transfer_.failure = error.error.cause;
  retry_after_s_ = error.retry_after_s;
  if (error.kind == HubErrorKind::repo_not_found) transfer_.failure += as_file();
  if (refusal_of(error.kind) == Refusal::none && error.kind != HubErrorKind::offline)
    return Attempt::nothing;
  refusal_ = error.kind;
  carried_out_ = false;
  return Attempt::hopeless;
}

Attempt RepoPull::failing(const Error& error) {
  carried_out_ = false;
  transfer_.failure = os::is_full(error)
                          ? "the disk is full; free some space and run the command again"
                          : sentence(error);
  return Attempt::hopeless;
}

void RepoPull::sum_up() {
  transfer_.left.clear();
  for (const auto& group : groups_) {
    if (group.present) continue;
    auto files = group.others;
    files.push_back(group.first);
    for (const auto* file : files)
      transfer_.left.push_back({file->path, file->size, group.prefix, group.failure});
  }
  std::sort(transfer_.left.begin(), transfer_.left.end(),
            [](const PlannedFile& a, const PlannedFile& b) { return a.path < b.path; });
  const bool none_of_these = optional_ && groups_.empty();
  if (transfer_.left.empty() && listed_ && carried_out_ && !none_of_these)
    transfer_.failure.clear();
}

std::optional<Unreadable> RepoPull::unreadable() const {
  if (whole()) return std::nullopt;
  const bool refused = refusal_of(refusal_) != Refusal::none;
  if (listed_ && carried_out_ && (only_wrong_ || transfer_.planned)) return std::nullopt;
  const auto name = asked_.repo.name() + (asked_.revision ? "@" + *asked_.revision : "");
  const auto cause = transfer_.failure.empty() ? "it was not finished" : transfer_.failure;
  return Unreadable{name, "download all of", cause, {}, refused};
}

PullProgress RepoPull::progress_at(PullStep step) const {
  PullProgress progress;
  progress.repo = asked_.repo;
  progress.step = step;
  progress.files_total = transfer_.wanted.files;
  progress.bytes_total = transfer_.wanted.bytes;
  progress.received = transfer_.received;
  for (const auto& group : groups_) {
    const auto names = group.others.size() + 1;
    if (group.present) progress.files += names;
    add_size(progress.bytes, group.present ? times(names, group.first->size)
                                           : std::min(group.prefix, group.first->size));
  }
  return progress;
}

void RepoPull::report_progress(PullStep step, const std::function<void(PullProgress&)>& fill) {
  auto progress = progress_at(step);
  if (fill) fill(progress);
  context_.progress(progress);
}

}  // namespace hfaudit
