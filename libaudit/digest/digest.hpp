// The hashes that the Hub names files by: SHA-256 of the content, or git's SHA-1 for small files.
//
// SHA-256 is computed by the processor's own instructions where it has them, two streams at a time
// if there are two, or many in the lanes of its vector registers (digest/sha256_plan); else, and
// SHA-1 always, by OpenSSL, which is loaded on first need. Whole blocks are hashed where they lie;
// only the tail of a piece that ends inside a block is copied. Only begin() allocates.
//
// All are movable, and for one thread at a time; different objects are independent, so each thread
// may have its own. One that was moved from, or finished, may only be destroyed or assigned to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "digest/lane_schedule.hpp"
#include "digest/sha256_kernel.hpp"
#include "hfaudit/result.hpp"
#include "os/crypto.hpp"

namespace hfaudit {

using Bytes = std::span<const unsigned char>;
using Sha256Digest = std::array<unsigned char, 32>;
using Sha1Digest = std::array<unsigned char, 20>;

enum class Sha256Engine {
  best,     // the processor's, else OpenSSL's
  openssl,  // for tests, and to compare
};

class Sha256;
struct Sha256Input {
  Sha256* hash;
  Bytes bytes;
};

class Sha256 {
 public:
  // Fails only where OpenSSL is needed but unavailable.
  [[nodiscard]] static Result<Sha256> begin(Sha256Engine engine = Sha256Engine::best);

  // Resumes at a state after `length` bytes, a multiple of the block's length. nullopt: OpenSSL is
  // needed, but unavailable or without states.
  [[nodiscard]] static std::optional<Sha256> resume(const Sha256State& state, std::uint64_t length);

  void update(Bytes bytes);
  void update(std::string_view text);
  [[nodiscard]] Result<Sha256Digest> finish();  // fails only where OpenSSL does
  // Between two blocks; nullopt within one, and where OpenSSL's digest computes it.
  [[nodiscard]] std::optional<Sha256State> state() const {
    const bool between = kernel_ != nullptr && length_ % sha256_block == 0;
    return between ? std::optional<Sha256State>(state_) : std::nullopt;
  }

  [[nodiscard]] const char* engine() const {
    return kernel_ != nullptr ? kernel_->name : "OpenSSL";
  }

  // Each hash with its bytes, in the fastest way by `plan`. At most `most_hash_streams`, different
  // objects; the excess of longer pieces is hashed alone, so equal lengths are best.
  friend void update_all(const Sha256Plan& plan, std::span<const Sha256Input> inputs);

 private:
  explicit Sha256(const Sha256Kernel& kernel) : kernel_(&kernel) {}
  explicit Sha256(os::CryptoDigest openssl) : openssl_(std::move(openssl)) {}
  [[nodiscard]] Bytes complete_block(Bytes bytes);
  void hash_whole_blocks(Bytes& bytes);
  void keep_tail(Bytes bytes);

  const Sha256Kernel* kernel_ = nullptr;  // nullptr: OpenSSL's
  std::optional<os::CryptoDigest> openssl_;
  Sha256State state_ = sha256_start;
  std::uint64_t length_ = 0;  // of all that came
  // begins with the last length_ % 64 bytes; room for padding
  std::array<unsigned char, 2 * sha256_block> tail_{};
};

void update_all(const Sha256Plan& plan, std::span<const Sha256Input> inputs);

// Whether a Sha256 can begin at any state here.
[[nodiscard]] bool sha256_has_states();

// The id that git gives a file of `size` bytes: SHA-1 of "blob <size>\0" and the content.
class GitSha1 {
 public:
  [[nodiscard]] static Result<GitSha1> begin(std::uint64_t size);  // fails without OpenSSL

  void update(Bytes bytes) { openssl_.update(bytes); }
  void update(std::string_view text);
  [[nodiscard]] Result<Sha1Digest> finish();

 private:
  explicit GitSha1(os::CryptoDigest openssl) : openssl_(std::move(openssl)) {}
  os::CryptoDigest openssl_;
};

// Lower case, as etags are.
[[nodiscard]] std::string to_hex(Bytes bytes);

}  // namespace hfaudit
