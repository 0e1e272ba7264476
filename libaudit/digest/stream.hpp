// One file on its way through the hashes. For one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "digest/block_chain.hpp"
#include "digest/digest.hpp"
#include "digest/reading.hpp"
#include "os/content_file.hpp"

namespace hfaudit {

class Stream {
 public:
  // Fails only where a hash cannot be computed here at all.
  [[nodiscard]] static Result<Stream> begin(std::size_t number, const ReadingJob& job,
                                            std::unique_ptr<os::File> file);

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::uint64_t left() const { return file_.meta().size - file_.position(); }
  [[nodiscard]] bool is_cached() { return file_.is_cached(); }
  // Hashing it beside another one on the same core pays.
  [[nodiscard]] bool wants_partner() const { return sha256_ && !git_sha1_; }
  [[nodiscard]] bool is_over() const { return over_; }
  // How long it waited for its disk since this was last asked.
  [[nodiscard]] std::chrono::nanoseconds take_waited() { return std::exchange(waited_, {}); }

  // Reads the next piece and hashes it; returns how many bytes that were. `more`: as for
  // ContentFile::read().
  std::uint64_t advance(os::ReadBuffer& buffer, bool more);
  // The same for two at once.
  static std::uint64_t advance_two(Stream& a, os::ReadBuffer& a_buffer, Stream& b,
                                   os::ReadBuffer& b_buffer, bool more);

  // Once is_over().
  [[nodiscard]] ContentRead finish();

 private:
  Stream(std::size_t number, std::unique_ptr<os::File> file)
      : number_(number), file_(std::move(file)) {}
  [[nodiscard]] std::span<const unsigned char> next(os::ReadBuffer& buffer, std::size_t most,
                                                    bool more);

  std::size_t number_;
  os::ContentFile file_;
  std::optional<ChainedSha256> sha256_;
  std::optional<GitSha1> git_sha1_;
  std::string head_;
  std::optional<Error> failed_;
  std::chrono::nanoseconds waited_{0};
  bool over_ = false;
};

}  // namespace hfaudit
