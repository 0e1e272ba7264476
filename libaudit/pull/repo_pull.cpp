#include "pull/repo_pull.hpp"

#include <algorithm>

#include "base/filter_words.hpp"
#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "listings/locked.hpp"
#include "listings/reserved_path.hpp"
#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

[[nodiscard]] std::string sentence(const Error& error) {
  return "cannot " + error.operation + " " + error.subject + ": " + error.cause;
}

// Clients on Windows take a backslash for a folder's end. Files of git are refused, for git runs
// commands in them; clients keep their notes in a --local-dir alone, so in a snapshot a file of
// that name is content like any other, which an old upload of a --local-dir has left in many a
// repo.
std::string refusal_of_path(std::string_view path, bool local_dir) {
  if (path.find('\\') != std::string_view::npos)
    return "its name has a backslash, which could lead out of the folder: not downloaded";
  const auto reserved = reserved_part_of(path);
  const auto part = std::string(reserved.part);
  if (reserved.kind == Reserved::git)
    return "\"" + part + "\" in its path belongs to git: not downloaded";
  if (reserved.kind == Reserved::client && local_dir)
    return "\"" + part +
           "\" in its path is the clients' own folder: not downloaded "
           "(--exclude '*" +
           part + "*' leaves it out)";
  return {};
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
  if (listed_ && writes) tell(PullStep::transfer);
  transfer_.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  return *ended;
}

bool RepoPull::is_wanted(const TreeFile& file) const {
  if (locked_ != nullptr && find_locked(*locked_, file.path) == nullptr) return false;
  if (names_.empty()) return context_.wanted(file.path);
  const auto& path = file.path;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (names_.contains(std::string_view(path).substr(0, slash + 1))) return true;
  }
  return names_.contains(path) || names_.contains(file.etag());
}

std::optional<Attempt> RepoPull::list_by_hub() {
  if (commit_.empty()) {
    const auto commit = context_.client.resolve(asked_.repo, asked_.revision.value_or("main"));
    if (!commit) return failing(commit.error());
    transfer_.commit = commit_ = *commit;
  }
  auto tree = context_.client.tree(asked_.repo, commit_);
  if (!tree) return failing(tree.error());
  if (locked_ != nullptr) {
    if (auto difference = difference_from(*locked_, *tree); !difference.empty()) {
      transfer_.failure = "the lock file does not match: " + difference;
      carried_out_ = false;
      return Attempt::hopeless;
    }
  }
  tree_ = std::move(*tree);
  return std::nullopt;
}

// A word that can only be a file is checked before anything is downloaded: without it the request
// would be for the whole repo.
std::optional<Attempt> RepoPull::find_named_files() {
  const bool local_dir = context_.request.what.local_dir.has_value();
  for (const auto& word : words_) {
    const bool listed = std::any_of(tree_.files.begin(), tree_.files.end(),
                                    [&](const TreeFile& file) { return file.path == word.text; });
    if (listed) {
      named_files_.push_back(word.text);
      names_.insert(word.text);
    } else if (local_dir || word.repos.empty()) {
      transfer_.failure = "it has no file " + word.text +
                          (word.repos.empty() ? "" : "; for another repo, leave out --local-dir") +
                          (word.why_no_repo.empty() ? "" : "; as a repo: " + word.why_no_repo);
      if (!context_.is_offline()) refusal_ = HubErrorKind::entry_not_found;
      carried_out_ = false;
      return Attempt::hopeless;
    }
  }
  asked_.only = named_files_;
  return std::nullopt;
}

// Once for the whole run: a branch that moves meanwhile is ignored.
std::optional<Attempt> RepoPull::list() {
  if (listed_) return std::nullopt;
  tell(PullStep::ask);
  if (auto ended = context_.is_offline() ? list_offline() : list_by_hub()) return ended;
  if (auto ended = find_named_files()) return ended;
  std::map<std::string, std::size_t> known;
  for (const auto& file : tree_.files) {
    if (!is_wanted(file)) continue;
    ++transfer_.wanted.files;
    add_size(transfer_.wanted.bytes, file.size);
    auto refusal = refusal_of_path(file.path, context_.request.what.local_dir.has_value());
    if (!refusal.empty()) {
      refuse(file, std::move(refusal));
      continue;
    }
    const auto [at, fresh] = known.try_emplace(identity_of(file), groups_.size());
    if (fresh) groups_.emplace_back().first = &file;
    if (!fresh) groups_[at->second].others.push_back(&file);
  }
  std::stable_sort(groups_.begin(), groups_.end(),
                   [](const Group& a, const Group& b) { return a.first->size > b.first->size; });
  listed_ = true;
  if (!groups_.empty() || tree_.files.empty()) return std::nullopt;
  carried_out_ = only_wrong_ = optional_;
  transfer_.failure =
      !named_files_.empty() ? "the lock file does not lock " + named_files_.front()
      : names_.empty()
          ? (locked_ != nullptr ? "none of its locked files matches "
                                : "none of its files matches ") +
                filter_options({context_.request.what.include, context_.request.what.exclude})
      : optional_ ? "the Hub has none of these files, so their content is not known"
                  : "the Hub has none of the files that are damaged here";
  return Attempt::hopeless;
}

// A file that all attempts leave out, also under another name of its content.
void RepoPull::refuse(const TreeFile& file, std::string cause) {
  auto& group = groups_.emplace_back();
  group.first = &file;
  group.forbidden = true;
  group.end = TransferEnd::refused;
  group.failure = std::move(cause);
  loss_ = file.path + ": " + group.failure;
  carried_out_ = false;
}

std::optional<Attempt> RepoPull::open_store() {
  if (store_) return std::nullopt;
  const auto& what = context_.request.what;
  const auto revision = locked_ != nullptr ? locked_->revision : asked_.revision.value_or("main");
  auto store = what.local_dir ? open_local_store(*what.local_dir, asked_.repo, revision, commit_)
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
  check_present(files, *store_, context_.stop, [this](std::uint64_t) { tell(PullStep::check); });
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
    add_size(progress.bytes, group.present ? times(names, group.first->size)
                                           : std::min(group.prefix, group.first->size));
  }
  return progress;
}

void RepoPull::tell(PullStep step, const std::function<void(PullProgress&)>& fill) {
  auto progress = where(step);
  if (fill) fill(progress);
  context_.progress(progress);
}

}  // namespace hfaudit
