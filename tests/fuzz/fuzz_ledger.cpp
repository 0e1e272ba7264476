#include "base/checksum.hpp"
#include "base/little_endian.hpp"
#include "fuzz.hpp"
#include "ledger/proof_record.hpp"

using namespace hfaudit;

// The bytes as a ledger; and as the contents of a record whose checksum is right, which chance
// would not find.
void fuzz::try_input(std::string_view input) {
  for (const auto& proof : decode_ledger(input))
    fuzz::require(encode(proof).size() == proof_record_bytes);
  constexpr std::size_t covered_at = 8;
  std::string record("hfp1");
  record.resize(covered_at);
  record += input.substr(0, proof_record_bytes - covered_at);
  record.resize(proof_record_bytes);
  store_little_endian(crc32c(std::string_view(record).substr(covered_at)), record.data() + 4);
  const auto proofs = decode_ledger(std::string(ledger_heading) + record);
  fuzz::require(proofs.size() == 1);
  const auto again = decode_ledger(std::string(ledger_heading) + encode(proofs.front()));
  fuzz::require(again.size() == 1 && again.front().file == proofs.front().file &&
                again.front().sha256 == proofs.front().sha256 &&
                again.front().git_sha1 == proofs.front().git_sha1);
}
