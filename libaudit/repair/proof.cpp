#include "repair/proof.hpp"

#include "digest/reading.hpp"

namespace hfaudit {
namespace {

class OneFile final : public ReadingSource {
 public:
  explicit OneFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t) override {
    return std::move(file_);
  }
  void done(std::size_t, ContentRead read) override { read_ = std::move(read); }
  [[nodiscard]] const std::optional<ContentRead>& read() const { return read_; }

 private:
  std::unique_ptr<os::File> file_;
  std::optional<ContentRead> read_;
};

}  // namespace

Proof Proofs::of(const os::Directory& blobs, const std::string& etag) {
  auto file = blobs.open_file(etag, true);
  return file ? of(std::move(*file), etag) : Proof::unknown;
}

Proof Proofs::of(std::unique_ptr<os::File> file, const std::string& etag) {
  const auto claim = claim_of(ClaimSource::name, etag);
  if (!claim) return Proof::unknown;
  const auto meta = file->meta();
  if (known_good_.holds(meta.key, meta.mtime_ns)) return Proof::good;
  const auto known = known_.find(meta.key);
  if (known != known_.end() && known->second.first == meta.mtime_ns) return known->second.second;

  const bool sha256 = claim->kind == HashKind::sha256;
  OneFile place(std::move(file));
  ReadingLimits limits;
  limits.stop = stop_;
  read_all({{meta.size, sha256, !sha256}}, place, limits, [](const ReadingProgress&) {});
  const auto& read = place.read();
  if (!read || read->outcome != ReadOutcome::whole || read->hash(claim->kind).empty())
    return Proof::unknown;
  const auto proof = read->hash(claim->kind) == claim->hex ? Proof::good : Proof::wrong;
  known_[meta.key] = {meta.mtime_ns, proof};
  return proof;
}

}  // namespace hfaudit
