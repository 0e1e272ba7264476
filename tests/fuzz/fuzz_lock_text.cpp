#include "cache/blob_name.hpp"
#include "cache/soft_lock.hpp"
#include "fuzz.hpp"
#include "listings/chunk_state.hpp"

using namespace hfaudit;

// Files of other clients beside a download: a soft lock, hf-fetch-model's notes, a name in blobs/.
void fuzz::try_input(std::string_view input) {
  if (const auto lock = parse_soft_lock(input)) {
    fuzz::require(lock->pid > 0 && lock->pid <= 0x7FFFFFFF);
    fuzz::require(lock->host.find('\n') == std::string::npos);
    for (const char c : lock->start_token)
      fuzz::require(c >= '0' && c <= '9');
  }
  (void)is_strict_sentinel(input);
  constexpr std::uint64_t size = 8192;
  MemorySource notes(input);
  fuzz::require(contiguous_bytes(notes, std::string(64, 'b'), size) <= size);
  const auto name = classify_blob_name(input);
  fuzz::require(name.etag.size() <= input.size());
  (void)may_be_partial(input);
  (void)is_lock_debris(input);
}
