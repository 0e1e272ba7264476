#include "ledger/chain_file.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/little_endian.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view chain_heading = "hfaudit blocks/1\n";
constexpr std::size_t size_at = chain_heading.size(), block_at = size_at + 8,
                      count_at = block_at + 4, sum_at = count_at + 4, states_at = sum_at + 4;
constexpr std::size_t word_bytes = 4, state_bytes = 32;
constexpr std::uint64_t most_states = std::uint64_t{1} << 20;  // a file of 16 TiB

}  // namespace

std::string encode(const BlockChain& chain) {
  std::string bytes(states_at + chain.states.size() * state_bytes, '\0');
  std::copy(chain_heading.begin(), chain_heading.end(), bytes.begin());
  store_little_endian(chain.size, bytes.data() + size_at);
  store_little_endian(static_cast<std::uint32_t>(chain_block_bytes), bytes.data() + block_at);
  store_little_endian(static_cast<std::uint32_t>(chain.states.size()), bytes.data() + count_at);
  char* at = bytes.data() + states_at;
  for (const auto& state : chain.states) {
    for (const auto word : state) {
      store_little_endian(word, at);
      at += word_bytes;
    }
  }
  store_little_endian(crc32c(std::string_view(bytes).substr(states_at)), bytes.data() + sum_at);
  return bytes;
}

std::optional<BlockChain> decode_chain(std::string_view bytes) {
  if (bytes.size() < states_at || !bytes.starts_with(chain_heading)) return std::nullopt;
  BlockChain chain;
  chain.size = little_endian<std::uint64_t>(bytes.data() + size_at);
  const auto count = little_endian<std::uint32_t>(bytes.data() + count_at);
  const bool sound =
      little_endian<std::uint32_t>(bytes.data() + block_at) == chain_block_bytes &&
      count == chain.size / chain_block_bytes && count <= most_states &&
      bytes.size() == states_at + std::size_t{count} * state_bytes &&
      little_endian<std::uint32_t>(bytes.data() + sum_at) == crc32c(bytes.substr(states_at));
  if (!sound) return std::nullopt;
  chain.states.resize(count);
  const char* at = bytes.data() + states_at;
  for (auto& state : chain.states) {
    for (auto& word : state) {
      word = little_endian<std::uint32_t>(at);
      at += word_bytes;
    }
  }
  return chain;
}

std::optional<BlockChain> read_chain(const os::Directory& folder, const std::string& sha256) {
  constexpr std::size_t most_bytes = states_at + most_states * state_bytes;
  const auto file = folder.open_file(sha256);
  if (!file || (*file)->size() > most_bytes) return std::nullopt;
  std::string bytes(static_cast<std::size_t>((*file)->size()), '\0');
  const auto got = (*file)->read_at(0, bytes);
  if (!got || *got != bytes.size()) return std::nullopt;
  return decode_chain(bytes);
}

void write_chain(const os::Directory& parent, std::string_view name, const std::string& sha256,
                 const BlockChain& chain) {
  constexpr std::uint32_t for_everybody = 0644;
  const auto folder = os::make_folder(parent, std::string(name));
  if (!folder || read_chain(*folder, sha256) == chain) return;
  const auto temporary = os::temporary_name();
  auto file = os::WritableFile::create_own(*folder, temporary, for_everybody);
  if (!file) return;
  auto written = file->append(encode(chain));
  if (written) written = os::rename(*folder, temporary, *folder, sha256);
  if (!written) (void)os::remove(*folder, temporary);
}

}  // namespace hfaudit
