#include "digest/content_hash.hpp"

namespace hfaudit {

Result<ContentHash> ContentHash::begin(HashKind kind, std::uint64_t size) {
  if (kind == HashKind::sha256) {
    auto hash = ChainedSha256::begin();
    if (!hash) return tl::unexpected<Error>(hash.error());
    return ContentHash(*std::move(hash));
  }
  auto hash = GitSha1::begin(size);
  if (!hash) return tl::unexpected<Error>(hash.error());
  return ContentHash(*std::move(hash));
}

void ContentHash::update(std::span<const char> bytes) {
  const Bytes unsigned_bytes(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::visit([&](auto& hash) { hash.update(unsigned_bytes); }, running_);
}

Result<std::string> ContentHash::finish() {
  return std::visit(
      [](auto& hash) -> Result<std::string> {
        const auto digest = hash.finish();
        if (!digest) return tl::unexpected<Error>(digest.error());
        return to_hex(*digest);
      },
      running_);
}

std::vector<Sha256State> ContentHash::take_chain() {
  auto* chained = std::get_if<ChainedSha256>(&running_);
  return chained == nullptr ? std::vector<Sha256State>() : chained->take_states();
}

}  // namespace hfaudit
