#include "ledger/proof.hpp"

#include <algorithm>

namespace hfaudit {

std::optional<std::chrono::nanoseconds> needed_quiet(const ReadingStart& start) {
  using namespace std::chrono_literals;
  constexpr auto tick = 100ms;
  constexpr auto whole_seconds = 2s;
  constexpr auto written_back = 10min;
  constexpr std::int64_t second_ns = 1'000'000'000;
  if (start.times == ChangeTimes::none || start.writers == Writers::some) return std::nullopt;
  if (start.times == ChangeTimes::late || start.writers == Writers::unknown) return written_back;
  if (start.file.ctime_ns % second_ns == 0) return whole_seconds;
  return tick;
}

bool may_be_recorded(const ReadingStart& start) {
  const auto quiet = needed_quiet(start);
  if (!quiet) return false;
  // the mtime may be any: the user sets it, and its setting shows in the ctime
  return start.now_ns - start.file.ctime_ns >= quiet->count();
}

bool is_believed(const ContentProof& proof, const FileVersion& now,
                 const std::vector<Claim>& claims, std::int64_t now_s,
                 std::chrono::seconds max_age) {
  const auto age = now_s - proof.proven_at_s;
  if (proof.file != now || age < 0 || age > max_age.count()) return false;
  return std::all_of(claims.begin(), claims.end(), [&](const Claim& claim) {
    return !claim.hex.empty() && proof.hash(claim.kind) == claim.hex;
  });
}

}  // namespace hfaudit
