// One file on its way through the hashes, or a part of one. For one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "digest/block_chain.hpp"
#include "digest/digest.hpp"
#include "digest/reading.hpp"
#include "os/content_file.hpp"

namespace hfaudit {

// Data that is in memory already is read in pieces that stay in a core's own cache.
inline constexpr std::size_t most_cached_piece = std::size_t{128} << 10;

class Stream {
 public:
  // Fails only where a hash cannot be computed here at all.
  [[nodiscard]] static Result<Stream> begin(std::size_t number, const ReadingJob& job,
                                            std::unique_ptr<os::File> file);

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::uint64_t begins_at() const { return begins_at_; }
  // Of the part, as all that follows.
  [[nodiscard]] std::uint64_t left() const { return file_.end() - file_.position(); }
  [[nodiscard]] bool is_cached() { return file_.is_cached(); }
  [[nodiscard]] std::uint64_t done() const { return done_; }
  // Hashing it beside others on the same core pays.
  [[nodiscard]] bool wants_partner() const { return sha256_ && !git_sha1_; }
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] bool has_failed() const { return failed_.has_value() || (over_ && left() != 0); }
  // How long it waited for its disk since this was last asked.
  [[nodiscard]] std::chrono::nanoseconds take_waited() { return std::exchange(waited_, {}); }

  // Reads the next piece and hashes it; returns how many bytes that were. `after`: as for
  // ContentFile::read().
  std::uint64_t advance(os::ReadBuffer& buffer, os::AfterRead after);
  // The same in two steps, so that several streams can be hashed together. Only for streams without
  // a git_sha1.
  [[nodiscard]] Bytes next(os::ReadBuffer& buffer, std::size_t most, os::AfterRead after);
  void read_ahead(os::ReadBuffer& buffer, std::size_t most) { file_.read_ahead(buffer, most); }
  [[nodiscard]] ChainedSha256& sha256() { return *sha256_; }

  // Whether a chain would help to cut it and is still to be requested.
  [[nodiscard]] bool wants_chain() const;
  void set_chain(std::optional<BlockChain> chain);
  // Into how many parts more it can be cut; 0 without a chain.
  [[nodiscard]] std::uint64_t cuts() const;
  // The parts behind this one, which then ends where the first of them begins. Fewer than `count`
  // where the file cannot be opened as often.
  [[nodiscard]] std::vector<std::unique_ptr<Stream>> cut(std::uint64_t count);
  // Whether its states are those of the chain so far. A stream without one follows.
  [[nodiscard]] bool follows_chain();
  // The states differ: the stream continues to the end of the file, without the chain.
  void leave_chain();

  // Once is_over().
  [[nodiscard]] ContentRead finish();
  // Of a file whose parts are all over, in order; each but the last ends in the state in which the
  // next one begins.
  [[nodiscard]] static ContentRead finish(std::vector<std::unique_ptr<Stream>> parts);

 private:
  Stream(std::size_t number, os::ContentFile file) : number_(number), file_(std::move(file)) {}

  std::size_t number_;
  os::ContentFile file_;
  std::uint64_t begins_at_ = 0;
  std::uint64_t done_ = 0;            // bytes that next() gave
  Sha256State start_ = sha256_start;  // of the hash, there
  std::optional<ChainedSha256> sha256_;
  std::optional<GitSha1> git_sha1_;
  std::shared_ptr<const BlockChain> chain_;
  std::size_t compared_ = 0;  // states
  std::string head_;
  std::optional<Error> failed_;
  std::chrono::nanoseconds waited_{0};
  bool over_ = false, asked_for_chain_ = false, opens_again_ = true;
};

}  // namespace hfaudit
