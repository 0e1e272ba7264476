// One verify: the files of an audit, the choice of those to read, and what reading them gave.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "cache/content.hpp"
#include "cache/proven.hpp"
#include "digest/reading.hpp"
#include "hfaudit/verify.hpp"
#include "verify/proof_keeper.hpp"

namespace hfaudit {

inline void add_file(FileTotals& totals, std::uint64_t bytes) {
  ++totals.files;
  add_size(totals.bytes, bytes);
}

class Verification final : public ReadingSource {
 public:
  // `keeper`: null without a ledger.
  Verification(AuditRun& run, const VerifyRequest& how, ProvenFiles& proven_files,
               ProofKeeper* keeper)
      : run_(run), how_(how), proven_files_(proven_files), keeper_(keeper), rng_(how.seed) {}

  void run(unsigned threads, const std::function<void(const VerifyProgress&)>& progress,
           const std::stop_token& stop);
  void keep_earlier_proofs();
  [[nodiscard]] Verified sum_up() const;
  [[nodiscard]] bool out_of_time() const { return out_of_time_; }

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t job) override;
  void done(std::size_t job, ContentRead read) override;
  [[nodiscard]] std::optional<BlockChain> chain_of(std::size_t job) override {
    return keeper_ != nullptr ? keeper_->chain_of(items_[chosen_[job]]) : std::nullopt;
  }

 private:
  // The choice of the files (choice.cpp).
  void collect_from(std::size_t repo);
  void choose_items();
  void collect();
  void set_aside_trusted(const std::stop_token& stop);
  void choose_what_is_new();
  [[nodiscard]] std::optional<std::uint64_t> oldest_proof_s() const;
  // Reading them (run.cpp).
  void read_chosen(unsigned threads, const std::stop_token& stop,
                   const std::function<void(const ReadingProgress&)>& tick);
  void rescan();
  void note_replaced(const VerifyItem& item);  // under the lock

  AuditRun& run_;
  const VerifyRequest& how_;
  ProvenFiles& proven_files_;
  ProofKeeper* keeper_;
  std::mt19937_64 rng_;
  std::vector<VerifyItem> items_;
  std::map<FileKey, std::size_t> known_;  // items by file
  std::vector<std::size_t> chosen_;       // items, in the order of reading
  std::string listing_;
  FileTotals unverifiable_, total_, asked_, proven_, trusted_, gone_;
  std::mutex mutex_;
  ContentReads odd_;  // the deviations
  std::set<std::size_t> odd_repos_;
  std::set<std::string> replaced_;  // places in which something else stands by now
  std::chrono::steady_clock::time_point begin_;
  double seconds_ = 0;
  bool out_of_time_ = false;
};

}  // namespace hfaudit
