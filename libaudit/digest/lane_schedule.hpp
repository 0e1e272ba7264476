// Hashes the blocks of several messages with the means of a processor: lanes, and kernels of one or
// two streams. Pure; each message ends as if it had been hashed alone.
//
// All lanes advance by the same number of blocks, and an idle one takes as long as a busy one. So
// the longest messages come first, a lane whose message is over takes the next one, and where fewer
// are left than the lanes pay for, the rest is hashed by the other kernel, two at a time.
#pragma once

#include <cstddef>
#include <span>

#include "digest/sha256_kernel.hpp"

namespace hfaudit {

// The whole blocks of one message; its state begins anywhere.
struct LaneWork {
  Sha256State* state;
  const unsigned char* blocks;
  std::size_t count;
};

// The kernels. Two of lanes: one for when there is work for the stream beside, too.
struct Sha256Plan {
  const Sha256Kernel* alone = nullptr;  // nullptr: only OpenSSL's digests
  const Sha256Lanes* lanes = nullptr;   // nullptr: `alone` is faster
  const Sha256Lanes* beside = nullptr;  // of as many lanes
  std::size_t break_even = 0;           // so many busy lanes pay
  double gain = 2;                      // of streams() at once over one at a time

  // How many messages at once it is fastest with.
  [[nodiscard]] std::size_t streams() const {
    if (lanes != nullptr) return lanes->lanes + (beside != nullptr ? beside->beside : 0);
    return alone != nullptr && alone->gains_from_two ? 2 : 1;
  }
};

// The most that any plan wants, and that hash_blocks() takes.
inline constexpr std::size_t most_hash_streams = 20;

// `work` is put in another order and counted down. `plan.alone` must be set.
void hash_blocks(const Sha256Plan& plan, std::span<LaneWork> work);

}  // namespace hfaudit
