// One repo of a pull: its expected files, the present ones, and one attempt after the other at the
// rest.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <stop_token>

#include "cache/proven.hpp"
#include "digest/block_chain.hpp"
#include "digest/rate_limiter.hpp"
#include "download/transfer.hpp"
#include "hfaudit/pull.hpp"
#include "hub/hub_client.hpp"
#include "pull/job.hpp"
#include "pull/present.hpp"
#include "source/sources.hpp"
#include "store/store.hpp"

namespace hfaudit {

// Shared by all repos of a pull.
struct PullContext {
  const Layout& layout;
  const PullRequest& request;
  HubSettings settings;
  Token token;
  HubClient& client;
  Sources& sources;
  std::optional<http::SshAccess> ssh;  // for sources
  StoreOptions store;
  std::function<bool(std::string_view path)> wanted;  // --include and --exclude
  ProvenFiles& proven;
  std::function<void(PullProgress&)> progress;  // fills in the unknown fields of a repo
  std::stop_token stop;

  [[nodiscard]] bool is_interrupted() const { return stop.stop_requested(); }
  [[nodiscard]] bool is_offline() const { return !settings.offline.empty(); }
};

enum class Attempt : std::uint8_t {
  done,     // all is there; or, of a plan, it is made
  gained,   // still incomplete, but more than before
  nothing,  // no further than before: a temporary error
  busy,     // other processes are downloading the rest
  // retries are useless: refused, wrong content, a full disk, an unwritable folder
  hopeless
};

class RepoPull {
 public:
  RepoPull(PullContext& context, PullJob job);

  // Interrupted, it returns soon, with a fitting result.
  [[nodiscard]] Attempt attempt();

  [[nodiscard]] const RepoRequest& asked() const { return asked_; }
  [[nodiscard]] const Transfer& transfer() const { return transfer_; }
  [[nodiscard]] bool is_listed() const { return listed_; }
  // Of PullJob::words, after the listing.
  [[nodiscard]] const std::vector<std::string>& named_files() const { return named_files_; }
  // After an attempt: how long the Hub asks to be left alone.
  [[nodiscard]] std::optional<double> retry_after_s() const { return retry_after_s_; }
  // The reason of an incomplete transfer: worth exit code 4 (`refused`) or 3 by itself. nullopt:
  // the audit finds it.
  [[nodiscard]] std::optional<Unreadable> unreadable() const;
  [[nodiscard]] bool whole() const {
    return transfer_.left.empty() && transfer_.failure.empty() && listed_ && !unchecked_;
  }
  // The list of files is the Hub's, from whichever source.
  [[nodiscard]] bool has_whole_listing() const { return tree_.whole; }
  [[nodiscard]] PullProgress progress_at(PullStep step) const;

 private:
  class Target;
  // Files of the same content are one blob, and one download.
  struct Group {
    const TreeFile* first = nullptr;
    std::vector<const TreeFile*> others;
    FileState state;  // when this attempt began
    bool present = false, replace = false;
    bool forbidden = false;  // by its path: it is left out of reading and writing
    std::uint64_t prefix = 0;
    TransferEnd end = TransferEnd::open;  // of the last transfer
    std::string failure;
    std::string wrong_source;  // that has other content under its name
  };
  // The result of a source of this machine for a group; `source` is null if all of them failed.
  struct LocalTake {
    const LocalSource* source = nullptr;
    std::unique_ptr<PartialFile> partial;  // while it is copied
    TransferResult result;
    std::optional<Error> error;
    bool wrong = false;  // the source that was read last has other content
    std::string wrong_source;
    bool again = false;  // another process downloads it, or has just completed it
    bool busy = false;   // another process downloads it
    Holder holder;
  };
  // The groups that are still to be downloaded, by number, and a job of the engine for each.
  struct Download {
    std::vector<std::size_t> groups;
    std::vector<TransferJob> jobs;
  };
  struct Waiting {  // for a download by another process
    std::chrono::steady_clock::time_point since;
    std::uint64_t prefix = 0;
    Holder holder;
  };

  // The list of files (repo_pull_list.cpp).
  [[nodiscard]] std::optional<Attempt> list();
  [[nodiscard]] std::optional<Attempt> list_by_hub();
  [[nodiscard]] std::optional<Attempt> find_named_files();
  [[nodiscard]] bool is_wanted(const TreeFile& file) const;
  // A blob has one name and one lock, regardless of the names of its files. In a --local-dir each
  // file is for itself.
  [[nodiscard]] std::string identity_of(const TreeFile& file) const;
  [[nodiscard]] static bool is_loss(TransferEnd end);  // retries in this run are useless
  void refuse(const TreeFile& file, std::string cause);
  [[nodiscard]] std::string as_file() const;
  [[nodiscard]] std::optional<Attempt> open_store();
  [[nodiscard]] std::optional<Attempt> inspect();
  [[nodiscard]] std::optional<Attempt> check();
  [[nodiscard]] std::optional<Attempt> check_space();
  [[nodiscard]] std::optional<Attempt> link_present();
  // Other locations of names and content (repo_pull_sources.cpp).
  [[nodiscard]] std::optional<Attempt> list_offline();
  [[nodiscard]] std::optional<Attempt> take_from_sources();
  // A server is available: the Hub, or one of --from.
  [[nodiscard]] bool may_download() const {
    return !context_.is_offline() || !context_.sources.web.empty();
  }
  [[nodiscard]] std::string name_of(const PullSource& source) const;
  [[nodiscard]] bool begin_take(const Group& group, LocalTake& take) const;
  [[nodiscard]] bool copy_into_partial(std::unique_ptr<os::File> content, const Group& group,
                                       LocalTake& take, std::atomic<std::uint64_t>& on_disk) const;
  [[nodiscard]] LocalTake take_locally(const Group& group,
                                       std::atomic<std::uint64_t>& on_disk) const;
  [[nodiscard]] std::optional<Attempt> note_taken(Group& group, const LocalTake& take);
  void add_share(const std::string& source, std::uint64_t files, std::uint64_t bytes);
  void add_mirror_shares(const Group& group, const TransferResult& result);
  // Damaged blocks of large files (repo_pull_patch.cpp).
  void patch_damaged();
  [[nodiscard]] std::optional<BlockChain> find_chain(const std::string& sha256) const;
  [[nodiscard]] bool patch_group(Group& group, const BlockChain& chain);
  void keep_to_rate(RateLimiter& rate, std::uint64_t bytes) const;
  // The transfer (repo_pull_fetch.cpp).
  [[nodiscard]] Attempt fetch();
  [[nodiscard]] Download download_of_rest() const;
  [[nodiscard]] Attempt give_up_offline(const std::vector<std::size_t>& groups);
  [[nodiscard]] TransferLimits transfer_limits() const;
  void show_transfer(const Download& download, const TransferProgress& progress,
                     PullProgress& shown) const;
  [[nodiscard]] Attempt settle(const std::vector<std::size_t>& groups,
                               const std::vector<TransferResult>& results);
  [[nodiscard]] Result<void> note_complete(Group& group, const TransferResult& result);
  void note_busy(Group& group, const Holder& holder);
  [[nodiscard]] bool despite_lock(const Group& group) const;
  [[nodiscard]] unsigned idle_timeout_s() const;

  [[nodiscard]] Attempt failing(const HubError& error);
  [[nodiscard]] Attempt failing(const Error& error);
  void sum_up();
  void report_progress(PullStep step, const std::function<void(PullProgress&)>& fill = {});

  PullContext& context_;
  RepoRequest asked_;
  std::set<std::string, std::less<>> names_;  // PullJob::names
  std::vector<PullWord> words_;
  std::string no_file_of_;  // the repo that lacks a file of this name
  std::vector<std::string> named_files_;
  std::string commit_;
  const LockedRepo* locked_ = nullptr;  // its approved files; null without a lock file
  Tree tree_;
  bool listed_ = false, prepared_ = false, scanned_ = false;
  std::vector<Group> groups_;  // largest first
  std::unique_ptr<Store> store_;
  std::map<std::string, Waiting> waiting_;  // by identity_of()
  Transfer transfer_;
  HubErrorKind refusal_ = HubErrorKind::unreachable;
  std::string loss_;  // why a file was lost
  std::optional<double> retry_after_s_;
  bool carried_out_ = true;  // false: exit code 3
  // the rest came with wrong content: damage rather than a transport error
  bool only_wrong_ = false;
  bool optional_ = false;   // success even if the Hub lacks all of the files
  bool unchecked_ = false;  // interrupted before the present files were hashed
};

}  // namespace hfaudit
