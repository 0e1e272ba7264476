// Names and content from other locations than the Hub: the sources of --from, the cache's other
// repos.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "listings/locked.hpp"
#include "os/partial_io.hpp"
#include "os/thread_pool.hpp"
#include "pull/local_copy.hpp"
#include "pull/repo_pull.hpp"

namespace hfaudit {

// From the lock file, else by the first source that knows the revision, else by the cache itself.
std::optional<Attempt> RepoPull::list_offline() {
  if (locked_ != nullptr) {
    transfer_.commit = commit_ = locked_->commit;
    transfer_.names_from = "lock";
    tree_ = tree_of(*locked_);
    tree_.whole = false;
    return std::nullopt;
  }
  auto found = context_.sources.find(asked_.repo, asked_.revision);
  if (!found) {
    carried_out_ = false;
    transfer_.failure = found.error().cause + ", and the Hub is not asked (" +
                        context_.settings.offline + ")" + as_file();
    return Attempt::hopeless;
  }
  transfer_.commit = commit_ = found->listing.commit;
  transfer_.names_from = name_of(*found->source);
  tree_ = std::move(found->listing.tree);
  return std::nullopt;
}

// A folder's name is a whole path, so it differs from these words.
std::string RepoPull::name_of(const PullSource& source) const {
  return &source == context_.sources.own ? "cache" : source.shown();
}

// false: the take ends here.
bool RepoPull::begin_take(const Group& group, LocalTake& take) const {
  if (take.partial) return true;
  auto begun = store_->begin(*group.first, {group.replace, despite_lock(group)});
  if (!begun) {
    take.error = begun.error();
  } else if (begun->partial_file) {
    take.partial = std::move(begun->partial_file);
  } else {  // another process downloads it, or has completed it: the transfer finds out which
    take.again = true;
    take.busy = !begun->present;
    take.holder = begun->holder;
  }
  return take.partial != nullptr;
}

// true: the other sources are skipped.
bool RepoPull::copy_into_partial(std::unique_ptr<os::File> content, const Group& group,
                                 LocalTake& take, std::atomic<std::uint64_t>& on_disk) const {
  const auto& file = *group.first;
  const auto had = std::min(take.partial->prefix(), file.size);
  auto copied = copy_content(std::move(content), *take.partial, file, context_.stop,
                             [&](std::uint64_t bytes) { on_disk = bytes; });
  if (copied.end == CopyEnd::stopped) return true;
  on_disk = had;
  take.wrong = copied.end == CopyEnd::wrong;
  if (copied.end == CopyEnd::unwritable) take.error = copied.error;
  if (copied.end != CopyEnd::right) return take.error.has_value();
  const auto key = os::key_of(take.partial->fd());
  const auto state = take.partial->commit();
  if (!state) {
    take.error = state.error();
    return true;
  }
  on_disk = file.size;
  take.result.end = TransferEnd::complete;
  take.result.state = *state;
  take.result.ours = state->key == key;
  take.result.chain = std::move(copied.chain);
  take.result.gained = file.size - had;
  return true;
}

// Any thread.
RepoPull::LocalTake RepoPull::take_locally(const Group& group,
                                           std::atomic<std::uint64_t>& on_disk) const {
  LocalTake take;
  const auto& file = *group.first;
  // A link in place of a copy, where the shared store has the content.
  if (const auto reused = group.replace ? std::nullopt : store_->reuse(file)) {
    on_disk = file.size;
    take.source = context_.sources.own;
    take.result.end = TransferEnd::complete;
    take.result.state = *reused;
    take.result.ours = true;  // hashed a moment ago
    return take;
  }
  std::vector<FileKey> offered;
  if (group.replace) offered.push_back(group.state.key);
  for (const auto& source : context_.sources.local) {
    const bool over = source->offer_content(
        asked_.repo, commit_, file, offered, [&](std::unique_ptr<os::File> content) {
          return !begin_take(group, take) ||
                 copy_into_partial(std::move(content), group, take, on_disk);
        });
    if (take.result.end == TransferEnd::complete) take.source = source.get();
    if (take.wrong && source.get() != context_.sources.own) take.wrong_source = source->shown();
    take.wrong = false;
    if (over) break;
  }
  take.partial.reset();
  return take;
}

void RepoPull::add_share(const std::string& source, std::uint64_t files, std::uint64_t bytes) {
  auto& shares = transfer_.sources;
  auto share = std::find_if(shares.begin(), shares.end(),
                            [&](const TransferShare& one) { return one.source == source; });
  if (share == shares.end()) share = shares.insert(share, {source, {}});
  share->given.files += files;
  share->given.bytes += bytes;
}

std::optional<Attempt> RepoPull::note_taken(Group& group, const LocalTake& take) {
  // Of other errors the transfer makes its own, where there is one.
  if (take.error && (os::is_full(*take.error) || !may_download())) return failing(*take.error);
  if (take.busy) note_busy(group, take.holder);
  group.wrong_source = take.wrong_source;
  if (take.source == nullptr) return std::nullopt;
  group.end = take.result.end;
  transfer_.pulled.bytes += take.result.gained;
  if (auto noted = note_complete(group, take.result); !noted) return failing(noted.error());
  add_share(name_of(*take.source), group.others.size() + 1, take.result.gained);
  return std::nullopt;
}

// Several files at once; the progress comes from this thread.
std::optional<Attempt> RepoPull::take_from_sources() {
  context_.sources.find_own();
  if (context_.sources.local.empty()) return std::nullopt;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i].present && !is_loss(groups_[i].end)) wanted.push_back(i);
  }
  if (wanted.empty()) return std::nullopt;
  std::vector<LocalTake> takes(wanted.size());
  std::vector<std::atomic<std::uint64_t>> on_disk(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    on_disk[i] = groups_[wanted[i]].prefix;
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::jthread worker([&] {
    os::parallel_for(wanted.size(), 0, context_.stop, [&](std::size_t i) {
      takes[i] = take_locally(groups_[wanted[i]], on_disk[i]);
    });
    const std::scoped_lock lock(mutex);
    over = true;
    changed.notify_one();
  });
  constexpr auto often = std::chrono::milliseconds(100);
  std::unique_lock lock(mutex);
  while (!changed.wait_for(lock, often, [&] { return over; })) {
    lock.unlock();
    for (std::size_t i = 0; i < wanted.size(); ++i)
      groups_[wanted[i]].prefix = on_disk[i];
    report_progress(PullStep::transfer);
    lock.lock();
  }
  lock.unlock();
  worker.join();
  std::optional<Attempt> ended;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    groups_[wanted[i]].prefix = on_disk[i];
    if (auto met = note_taken(groups_[wanted[i]], takes[i])) ended = met;
  }
  const bool again =
      std::any_of(takes.begin(), takes.end(), [](const LocalTake& take) { return take.again; });
  if (!ended && again && !may_download()) ended = Attempt::busy;
  if (!ended && context_.is_interrupted()) ended = Attempt::nothing;
  return ended;
}

}  // namespace hfaudit
