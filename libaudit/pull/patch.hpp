// Repairs a large file whose content is damaged: only the blocks that are wrong are downloaded.
//
// The chain of its states (digest/block_chain) shows which blocks are wrong. A partial file becomes
// a copy of the file, gets those blocks from the Hub, each checked before it is written, is hashed
// as a whole, and takes the file's place. After any failure the file is downloaded as a whole, as
// without a chain.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "digest/block_chain.hpp"
#include "download/partial_file.hpp"
#include "hub/hub_client.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct PatchRequest {
  HubClient& client;
  RepoId repo;
  std::string commit;
  const TreeFile& file;  // its etag is a SHA-256
  const BlockChain& chain;
  std::stop_token stop;
  std::function<void(std::uint64_t received)> received;  // after each block
};

// The blocks of `damaged` that are wrong; nullopt where a patch is useless (more than half of them,
// another size) or fails.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> find_damaged_blocks(
    os::File& damaged, const PatchRequest& request);

// The file that the partial file has become; nullopt: it failed.
[[nodiscard]] std::optional<FileState> patch(os::File& damaged, PartialFile& partial,
                                             const std::vector<std::uint64_t>& blocks,
                                             const PatchRequest& request);

}  // namespace hfaudit
