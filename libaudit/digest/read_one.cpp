#include "digest/read_one.hpp"

#include <utility>

namespace hfaudit {
namespace {

class OneFile final : public ReadingSource {
 public:
  explicit OneFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t) override {
    return std::move(file_);
  }
  void done(std::size_t, ContentRead read) override { read_ = std::move(read); }
  [[nodiscard]] std::optional<ContentRead> take() { return std::move(read_); }

 private:
  std::unique_ptr<os::File> file_;
  std::optional<ContentRead> read_;
};

}  // namespace

std::optional<ContentRead> read_one(std::unique_ptr<os::File> file, const ReadingJob& job,
                                    const std::stop_token& stop) {
  OneFile place(std::move(file));
  ReadingLimits limits;
  limits.stop = stop;
  read_all({job}, place, limits, [](const ReadingProgress&) {});
  return place.take();
}

std::optional<bool> hashes_to(std::unique_ptr<os::File> file, const Claim& claim,
                              const std::stop_token& stop) {
  const bool sha256 = claim.kind == HashKind::sha256;
  const ReadingJob job{file->size(), sha256, !sha256};
  const auto read = read_one(std::move(file), job, stop);
  if (!read || read->outcome != ReadOutcome::whole || read->hash(claim.kind).empty())
    return std::nullopt;
  return read->hash(claim.kind) == claim.hex;
}

}  // namespace hfaudit
