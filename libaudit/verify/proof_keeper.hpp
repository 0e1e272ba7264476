// The ledger of a verify: proofs of earlier runs, and the new ones.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "audit/run.hpp"
#include "cache/proven.hpp"
#include "hfaudit/ledger.hpp"
#include "ledger/ledger.hpp"

namespace hfaudit {

// A file that can be read, and the repos that it is in: more than one with the shared store, or
// hard links.
struct VerifyItem {
  std::size_t repo = 0;
  Content content;
  std::vector<std::size_t> other_repos{};
  std::optional<std::int64_t> proven_at_s{};  // by the ledger, of any age
  bool trusted = false;                       // it is young enough to stand for reading
  ReadingStart start{};                       // once it was opened to be read
};

class ProofKeeper final : public LedgerRepos {
 public:
  // nullptr: the ledger is off, or the user lacks one. `run` outlives the keeper. Errors: the named
  // ledger is unusable.
  [[nodiscard]] static Result<std::unique_ptr<ProofKeeper>> open(const Layout& layout,
                                                                 const AuditRequest& request,
                                                                 const LedgerRequest& ledger,
                                                                 const AuditRun& run);

  // Fills in `proven_at_s`. Opens those files that a proof may be about, several at once.
  void look_up(std::vector<VerifyItem*> items, const std::stop_token& stop) const;
  // Just before it is read, and when it was and is right. The second from any thread.
  void begin(VerifyItem& item, const os::File& file) const { item.start = ledger_->begin(file); }
  void record(const VerifyItem& item, const ContentRead& read) const {
    ledger_->record(item.repo, item.start, read);
  }
  // The states that the content should have on its way to the SHA-256 that it should have. From any
  // thread.
  [[nodiscard]] std::optional<BlockChain> chain_of(const VerifyItem& item) const;
  // Files that this process has hashed before it came to verify: while they were downloaded.
  void record_proven(const std::vector<VerifyItem*>& items, const ProvenFiles& proven) const;
  void flush() const { ledger_->flush(); }

  [[nodiscard]] Result<os::Directory> folder_of(std::size_t repo) const override {
    return run_.ledger_folder(repo);
  }
  [[nodiscard]] std::string name_of(std::size_t repo) const override {
    return run_.ledger_name(repo);
  }

 private:
  explicit ProofKeeper(const AuditRun& run) : run_(run) {}

  const AuditRun& run_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace hfaudit
