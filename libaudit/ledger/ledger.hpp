// The proofs of a run: those of earlier runs, trusted or untrusted, and those that it adds.
//
// For each repo there is a file (ledger/ledger_file). In a ledger of its own folder it has the
// repo's folder name; in the cache it lies in the repo's folder, one for each user, and those of
// root and of the cache's owner are believed, too.
//
// Thread safety: all functions may be called from several threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "digest/block_chain.hpp"
#include "hfaudit/ledger.hpp"
#include "ledger/proof.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// The repos of a run, by number.
class LedgerRepos {
 public:
  virtual ~LedgerRepos() = default;
  // The folder that proofs may lie in, of LedgerKind::cache.
  [[nodiscard]] virtual Result<os::Directory> folder_of(std::size_t repo) const = 0;
  // A file name that is the repo's own.
  [[nodiscard]] virtual std::string name_of(std::size_t repo) const = 0;
};

struct LedgerOwners {
  std::uint32_t user = 0;   // of this process
  std::uint32_t cache = 0;  // of the cache
};

class Ledger {
 public:
  // `repos` outlives the ledger. Errors: the folder cannot be opened, made or trusted.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(const LedgerRequest& request,
                                                            const LedgerRepos& repos,
                                                            LedgerOwners owners);
  ~Ledger() { flush(); }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Could there be a proof? Answered without opening the file. The ledger is read on first need.
  [[nodiscard]] bool may_hold(std::size_t repo, const Content& content);
  // When the file, as it is now, was last proven to fulfil all claims: seconds since the epoch.
  [[nodiscard]] std::optional<std::int64_t> proven_at(std::size_t repo, const Content& content,
                                                      const os::File& file);

  // Just before a file is read: the version that a proof would name.
  [[nodiscard]] ReadingStart begin(const os::File& file) const;
  // It was read to its end and is right. Dropped where it is too weak for a proof.
  void record(std::size_t repo, const ReadingStart& start, const ContentRead& read);
  // The chain of the file that has this digest, if one is kept. It proves itself.
  [[nodiscard]] std::optional<BlockChain> chain_of(std::size_t repo,
                                                   const std::string& sha256) const;
  // Writes the recorded proofs; record() does so once a second.
  void flush();

 private:
  using Proofs = std::map<std::uint64_t, std::vector<ContentProof>>;  // by inode
  struct Place {
    os::Directory folder;
    std::string name;
  };

  Ledger(LedgerUse use, const LedgerRepos& repos, LedgerOwners owners)
      : use_(use), repos_(repos), owners_(owners) {}
  [[nodiscard]] Result<Place> place_of(std::size_t repo, std::uint32_t user) const;
  [[nodiscard]] const Proofs& proofs_of(std::size_t repo);
  [[nodiscard]] Proofs load(std::size_t repo) const;
  void keep_chain(std::size_t repo, const ContentRead& read) const;
  void write(const std::map<std::size_t, std::vector<ContentProof>>& pending) const;

  LedgerUse use_;
  const LedgerRepos& repos_;
  LedgerOwners owners_;
  std::optional<os::Directory> folder_;  // nullopt: in the cache
  std::mutex mutex_;
  std::map<std::size_t, Proofs> loaded_;
  std::map<std::size_t, std::vector<ContentProof>> pending_;
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace hfaudit
