// Of a large file that is damaged, only the blocks that are wrong are downloaded, where the ledger
// has its chain (pull/patch).
#include <algorithm>
#include <chrono>
#include <thread>

#include "audit/run.hpp"
#include "digest/rate_limiter.hpp"
#include "ledger/chain_file.hpp"
#include "ledger/place.hpp"
#include "os/partial_io.hpp"
#include "pull/patch.hpp"
#include "pull/repo_pull.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// A chain proves itself, so it is taken from wherever one lies.
std::optional<BlockChain> RepoPull::find_chain(const std::string& sha256) const {
  const auto& what = context_.request.what;
  const auto read = [&](const std::string& folder) -> std::optional<BlockChain> {
    const auto opened = os::Directory::open_root(folder);
    return opened ? read_chain(*opened, sha256) : std::nullopt;
  };
  if (const auto owner = find_cache_owner(context_.layout, what)) {
    const auto ledger = ledger_folder(context_.layout, context_.request.ledger, owner->uid);
    if (!ledger.empty()) {
      if (auto chain = read(ledger + "/" + std::string(chains_in_folder))) return chain;
    }
  }
  const auto beside = what.local_dir ? *what.local_dir + "/.cache/huggingface"
                                     : context_.layout.hub_cache.path + "/" + asked_.repo.folder();
  return read(beside + "/" + std::string(chains_in_cache));
}

// --max-rate holds for blocks as for whole files.
void RepoPull::keep_to_rate(RateLimiter& rate, std::uint64_t bytes) const {
  constexpr auto slice = std::chrono::milliseconds(50);
  const auto until = Clock::now() + rate.spend(Clock::now(), bytes);
  while (Clock::now() < until && !context_.is_interrupted())
    std::this_thread::sleep_for(std::min<Clock::duration>(until - Clock::now(), slice));
}

bool RepoPull::patch_group(Group& group, const BlockChain& chain) {
  const auto& file = *group.first;
  const auto damaged = store_->open(file);
  if (!damaged || !*damaged) return false;
  std::uint64_t received = 0;
  RateLimiter rate(context_.request.download.max_rate);
  const PatchRequest request{
      context_.client, asked_.repo, commit_, file, chain, context_.stop, [&](std::uint64_t bytes) {
        received += bytes;
        transfer_.received += bytes;
        report_progress(PullStep::transfer);
        keep_to_rate(rate, bytes);
      }};
  const auto blocks = find_damaged_blocks(**damaged, request);
  if (!blocks) return false;
  const auto begun = store_->begin(file, {true, despite_lock(group)});
  if (!begun || !begun->partial_file) return false;
  const auto key = os::key_of(begun->partial_file->fd());
  const auto state = patch(**damaged, *begun->partial_file, *blocks, request);
  if (!state) return false;
  TransferResult result;
  result.end = TransferEnd::complete;
  result.state = *state;
  result.ours = state->key == key;
  result.chain = chain.states;
  group.end = result.end;
  transfer_.pulled.bytes += received;
  return note_complete(group, result).has_value();
}

// A file that cannot be patched is downloaded as a whole.
void RepoPull::patch_damaged() {
  for (auto& group : groups_) {
    const bool large = group.first->size > chain_block_bytes && !group.first->lfs_sha256.empty();
    if (!group.replace || group.present || !large || context_.is_interrupted()) continue;
    if (const auto chain = find_chain(group.first->lfs_sha256.str()))
      (void)patch_group(group, *chain);
  }
}

}  // namespace hfaudit
