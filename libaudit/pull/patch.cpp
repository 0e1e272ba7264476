#include "pull/patch.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "digest/content_hash.hpp"
#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

Bytes as_bytes(std::span<const char> bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

// Does it hash to the listed digest?
bool is_whole(int fd, const PatchRequest& request) {
  auto hash = ContentHash::begin(HashKind::sha256, request.file.size);
  if (!hash) return false;
  std::vector<char> piece(std::size_t{1} << 20U);
  for (std::uint64_t at = 0; at < request.file.size;) {
    const auto most = std::min<std::uint64_t>(piece.size(), request.file.size - at);
    const auto got = os::read_at(fd, at, std::span(piece).first(static_cast<std::size_t>(most)));
    if (!got || *got == 0 || request.stop.stop_requested()) return false;
    hash->update(std::span<const char>(piece).first(*got));
    at += *got;
  }
  const auto digest = hash->finish();
  return digest && *digest == request.file.lfs_sha256;
}

// Each block is right before it reaches the disk.
bool fetch_blocks(int fd, const std::vector<std::uint64_t>& blocks, const PatchRequest& request) {
  for (const auto block : blocks) {
    const auto offset = block * chain_block_bytes;
    const auto bytes = request.client.read_range(request.repo, request.commit, request.file, offset,
                                                 request.chain.length_of(block));
    if (!bytes) return false;
    request.received(bytes->size());
    std::size_t written = 0;
    const bool right =
        is_right_block(request.chain, request.file.lfs_sha256, block, as_bytes(*bytes));
    if (!right || !os::write_at(fd, offset, *bytes, written)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> find_damaged_blocks(os::File& damaged,
                                                              const PatchRequest& request) {
  const auto& chain = request.chain;
  const auto count = chain.blocks();
  if (!sha256_has_states() || damaged.size() != request.file.size || chain.size != damaged.size())
    return std::nullopt;
  std::vector<std::uint64_t> wrong;
  std::vector<char> block(static_cast<std::size_t>(chain_block_bytes));
  for (std::uint64_t number = 0; number < count; ++number) {
    if (request.stop.stop_requested()) return std::nullopt;
    const auto length = static_cast<std::size_t>(chain.length_of(number));
    const auto got = damaged.read_at(number * chain_block_bytes, std::span(block).first(length));
    // a sector that the disk fails to read is damage, too
    const bool right = got && *got == length &&
                       is_right_block(chain, request.file.lfs_sha256, number,
                                      as_bytes(std::span<const char>(block).first(length)));
    if (!right) wrong.push_back(number);
    if (2 * wrong.size() > count) return std::nullopt;
  }
  return wrong.empty() ? std::nullopt : std::optional(std::move(wrong));
}

std::optional<FileState> patch(os::File& damaged, PartialFile& partial,
                               const std::vector<std::uint64_t>& blocks,
                               const PatchRequest& request) {
  if (!partial.restart()) return std::nullopt;
  const bool copied =
      os::clone_content(damaged, partial.fd(), request.file.size) == request.file.size;
  if (!copied || !fetch_blocks(partial.fd(), blocks, request) || !is_whole(partial.fd(), request)) {
    (void)partial.restart();
    return std::nullopt;
  }
  auto state = partial.commit();
  return state ? std::optional(*state) : std::nullopt;
}

}  // namespace hfaudit
