#include "verify/proof_keeper.hpp"

#include <algorithm>
#include <thread>

#include "ledger/place.hpp"
#include "os/privilege.hpp"
#include "os/thread_pool.hpp"

namespace hfaudit {
namespace {

// The read of a file that was hashed while it was downloaded, if that hash fulfils all claims.
std::optional<ContentRead> read_of(const VerifyItem& item, const std::string& hash) {
  constexpr std::size_t sha256_digits = 64, git_sha1_digits = 40;
  ContentRead read;
  read.size = item.content.size;
  read.mtime_ns = item.content.mtime_ns;
  if (hash.size() == sha256_digits) read.sha256 = hash;
  if (hash.size() == git_sha1_digits) read.git_sha1 = hash;
  const auto& claims = item.content.claims;
  const bool all = std::all_of(claims.begin(), claims.end(), [&](const Claim& claim) {
    return !claim.hex.empty() && read.hash(claim.kind) == claim.hex;
  });
  return all && !claims.empty() ? std::optional<ContentRead>(std::move(read)) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ProofKeeper>> ProofKeeper::open(const Layout& layout,
                                                       const AuditRequest& request,
                                                       const LedgerRequest& ledger,
                                                       const AuditRun& run) {
  if (ledger.kind == LedgerKind::none) return std::unique_ptr<ProofKeeper>();
  const auto owner = find_cache_owner(layout, request);
  if (!owner) return std::unique_ptr<ProofKeeper>();
  auto where = ledger;
  if (where.kind == LedgerKind::own) {
    where.path = ledger_folder(layout, ledger, owner->uid);
    if (where.path.empty()) return std::unique_ptr<ProofKeeper>();
  }
  std::unique_ptr<ProofKeeper> keeper(new ProofKeeper(run));
  auto opened = Ledger::open(where, *keeper, {os::effective_user(), owner->uid});
  const bool optional = ledger.kind == LedgerKind::own ||
                        (ledger.use == LedgerUse::read && !opened && os::is_absent(opened.error()));
  if (!opened && optional) return std::unique_ptr<ProofKeeper>();
  if (!opened) return tl::unexpected(opened.error());
  keeper->ledger_ = std::move(*opened);
  return keeper;
}

void ProofKeeper::look_up(std::vector<VerifyItem*> items, const std::stop_token& stop) const {
  std::erase_if(items, [&](const VerifyItem* item) {
    return item->content.claims.empty() || !ledger_->may_hold(item->repo, item->content);
  });
  os::parallel_for(items.size(), 0, stop, [&](std::size_t i) {
    auto& item = *items[i];
    const auto file = run_.open(item.repo, item.content);
    if (file && *file) item.proven_at_s = ledger_->proven_at(item.repo, item.content, **file);
  });
}

std::optional<BlockChain> ProofKeeper::chain_of(const VerifyItem& item) const {
  for (const auto& claim : item.content.claims) {
    if (claim.kind == HashKind::sha256) return ledger_->chain_of(item.repo, claim.hex);
  }
  return std::nullopt;
}

// They have got their names just now: the clock of their file system has to tick once more before
// their times differ from those of a later change.
void ProofKeeper::record_proven(const std::vector<VerifyItem*>& items,
                                const ProvenFiles& proven) const {
  using namespace std::chrono_literals;
  constexpr auto tick = 100ms;
  bool waited = false;
  for (auto* item : items) {
    const auto& content = item->content;
    auto read = read_of(*item, proven.hash_of(content.key, content.mtime_ns));
    if (!read || content.suspect) continue;
    const auto file = run_.open(item->repo, content);
    if (!file || !*file || ledger_->proven_at(item->repo, content, **file)) continue;
    begin(*item, **file);
    const auto quiet = needed_quiet(item->start);
    if (!waited && quiet && *quiet <= tick && !may_be_recorded(item->start)) {
      std::this_thread::sleep_for(tick);
      waited = true;
      begin(*item, **file);
    }
    read->chain = proven.chain_of(content.key);
    record(*item, *read);
  }
}

}  // namespace hfaudit
