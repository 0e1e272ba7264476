// Block chains on disk: a file for each digest, which is its name.
//
//   "hfaudit blocks/1\n", then little-endian: size of the file (64 bits), length of a block (32),
//   number of states (32), CRC-32C of the states (32); then the states, 8 words of 32 bits each
//
// A chain proves itself (digest/block_chain), so it may come from anybody; a damaged one is useless
// but harmless. Only I/O and format are here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "digest/block_chain.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// Where chains lie beside a repo's content (`--ledger cache`), and in a ledger of its own folder.
inline constexpr std::string_view chains_in_cache = ".hfaudit-ledger-blocks";
inline constexpr std::string_view chains_in_folder = "blocks";

[[nodiscard]] std::string encode(const BlockChain& chain);
[[nodiscard]] std::optional<BlockChain> decode_chain(std::string_view bytes);

// nullopt: absent or unusable.
[[nodiscard]] std::optional<BlockChain> read_chain(const os::Directory& folder,
                                                   const std::string& sha256);
// Replaces an existing one. Without effect where writing fails. The folder `name` is made in
// `parent`.
void write_chain(const os::Directory& parent, std::string_view name, const std::string& sha256,
                 const BlockChain& chain);

}  // namespace hfaudit
