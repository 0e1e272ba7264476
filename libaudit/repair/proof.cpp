#include "repair/proof.hpp"

#include "digest/read_one.hpp"

namespace hfaudit {
Proof Proofs::of(const os::Directory& blobs, const std::string& etag) {
  auto file = blobs.open_file(etag, os::Links::follow);
  return file ? of(std::move(*file), etag) : Proof::unknown;
}

Proof Proofs::of(std::unique_ptr<os::File> file, const std::string& etag) {
  const auto claim = claim_of(ClaimSource::name, etag);
  if (!claim) return Proof::unknown;
  const auto meta = file->meta();
  if (known_good_.holds(meta.key, meta.mtime_ns)) return Proof::good;
  const auto known = known_.find(meta.key);
  if (known != known_.end() && known->second.first == meta.mtime_ns) return known->second.second;

  const auto right = hashes_to(std::move(file), *claim, stop_);
  if (!right) return Proof::unknown;
  const auto proof = *right ? Proof::good : Proof::wrong;
  known_[meta.key] = {meta.mtime_ns, proof};
  return proof;
}

}  // namespace hfaudit
