#include "ledger/proof_record.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/checksum.hpp"
#include "base/little_endian.hpp"
#include "digest/digest.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view marker = "hfp1";
constexpr std::size_t checksum_at = 4, covered_at = 8, file_system_at = 8, numbers_at = 24,
                      sha256_at = 64, git_sha1_at = 96, known_at = 116, proven_at = 120,
                      version_at = 128, version_bytes = 16;
constexpr std::size_t sha256_bytes = 32, git_sha1_bytes = 20;
constexpr std::uint32_t knows_sha256 = 1, knows_git_sha1 = 2;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  return std::nullopt;
}

// False for all other texts than a hash of that length.
bool put_hex(const std::string& hex, std::span<char> into) {
  if (hex.size() != 2 * into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
    if (!high || !low) return false;
    into[i] = static_cast<char>(*high << 4U | *low);
  }
  return true;
}

std::string hex_of(std::string_view bytes) {
  return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::optional<ContentProof> decode(std::string_view record) {
  if (!record.starts_with(marker)) return std::nullopt;
  const char* bytes = record.data();
  if (little_endian<std::uint32_t>(bytes + checksum_at) != crc32c(record.substr(covered_at)))
    return std::nullopt;
  ContentProof proof;
  auto& file = proof.file;
  for (std::size_t i = 0; i < file.file_system.size(); ++i)
    file.file_system[i] = static_cast<unsigned char>(bytes[file_system_at + i]);
  const char* numbers = bytes + numbers_at;
  file.inode = little_endian<std::uint64_t>(numbers);
  file.size = little_endian<std::uint64_t>(numbers + 8);
  file.mtime_ns = little_endian<std::int64_t>(numbers + 16);
  file.ctime_ns = little_endian<std::int64_t>(numbers + 24);
  file.birth_ns = little_endian<std::int64_t>(numbers + 32);
  const auto known = little_endian<std::uint32_t>(bytes + known_at);
  if ((known & knows_sha256) != 0) proof.sha256 = hex_of(record.substr(sha256_at, sha256_bytes));
  if ((known & knows_git_sha1) != 0)
    proof.git_sha1 = hex_of(record.substr(git_sha1_at, git_sha1_bytes));
  proof.proven_at_s = little_endian<std::int64_t>(bytes + proven_at);
  const auto version = record.substr(version_at, version_bytes);
  proof.version = version.substr(0, version.find('\0'));
  return proof;
}

}  // namespace

std::string encode(const ContentProof& proof) {
  std::string record(proof_record_bytes, '\0');
  char* bytes = record.data();
  std::copy(marker.begin(), marker.end(), bytes);
  for (std::size_t i = 0; i < proof.file.file_system.size(); ++i)
    bytes[file_system_at + i] = static_cast<char>(proof.file.file_system[i]);
  char* numbers = bytes + numbers_at;
  store_little_endian(proof.file.inode, numbers);
  store_little_endian(proof.file.size, numbers + 8);
  store_little_endian(proof.file.mtime_ns, numbers + 16);
  store_little_endian(proof.file.ctime_ns, numbers + 24);
  store_little_endian(proof.file.birth_ns, numbers + 32);
  std::uint32_t known = 0;
  if (put_hex(proof.sha256, {bytes + sha256_at, sha256_bytes})) known |= knows_sha256;
  if (put_hex(proof.git_sha1, {bytes + git_sha1_at, git_sha1_bytes})) known |= knows_git_sha1;
  store_little_endian(known, bytes + known_at);
  store_little_endian(proof.proven_at_s, bytes + proven_at);
  std::copy_n(proof.version.begin(), std::min(proof.version.size(), version_bytes),
              bytes + version_at);
  store_little_endian(crc32c(std::string_view(record).substr(covered_at)), bytes + checksum_at);
  return record;
}

std::vector<ContentProof> decode_ledger(std::string_view bytes) {
  std::vector<ContentProof> proofs;
  if (!bytes.starts_with(ledger_heading)) return proofs;
  bytes.remove_prefix(ledger_heading.size());
  for (; bytes.size() >= proof_record_bytes; bytes.remove_prefix(proof_record_bytes)) {
    if (auto proof = decode(bytes.substr(0, proof_record_bytes)))
      proofs.push_back(std::move(*proof));
  }
  return proofs;
}

std::vector<ContentProof> without_superseded(std::vector<ContentProof> proofs) {
  std::map<std::pair<FileSystemId, std::uint64_t>, std::size_t> newest;
  for (std::size_t i = 0; i < proofs.size(); ++i)
    newest[{proofs[i].file.file_system, proofs[i].file.inode}] = i;
  std::vector<ContentProof> kept;
  kept.reserve(newest.size());
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const auto& file = proofs[i].file;
    if (newest.at({file.file_system, file.inode}) == i) kept.push_back(std::move(proofs[i]));
  }
  return kept;
}

}  // namespace hfaudit
