#include "digest/digest.hpp"

#include <algorithm>

#include "digest/sha256_plan.hpp"

namespace hfaudit {
namespace {

const Sha256Kernel* best_kernel() {
  return sha256_quick_plan().alone;
}

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

void store_big_endian(std::uint64_t value, std::span<unsigned char> into) {
  for (std::size_t at = into.size(); at > 0; --at) {
    into[at - 1] = static_cast<unsigned char>(value & 0xffU);
    value >>= 8U;
  }
}

}  // namespace

std::size_t pad_sha256(std::span<unsigned char, 2 * sha256_block> last, std::uint64_t length) {
  const std::size_t used = length % sha256_block;
  const std::size_t end = used + 1 + 8 <= sha256_block ? sha256_block : 2 * sha256_block;
  last[used] = 0x80;
  std::ranges::fill(last.subspan(used + 1), static_cast<unsigned char>(0));
  store_big_endian(length * 8, last.subspan(end - 8, 8));  // in bits, modulo 2^64
  return end / sha256_block;
}

Result<Sha256> Sha256::begin(Sha256Engine engine) {
  if (const auto* kernel = best_kernel(); kernel != nullptr && engine == Sha256Engine::best)
    return Sha256(*kernel);
  return os::CryptoDigest::begin(os::Hash::sha256).map([](os::CryptoDigest&& openssl) {
    return Sha256(std::move(openssl));
  });
}

std::optional<Sha256> Sha256::resume(const Sha256State& state, std::uint64_t length) {
  if (best_kernel() == nullptr) return std::nullopt;
  Sha256 hash(*best_kernel());
  hash.state_ = state;
  hash.length_ = length;
  return hash;
}

void Sha256::update(std::string_view text) {
  update(bytes_of(text));
}

void Sha256::update(Bytes bytes) {
  if (openssl_) return openssl_->update(bytes);
  bytes = complete_block(bytes);
  hash_whole_blocks(bytes);
  keep_tail(bytes);
}

void update_all(const Sha256Plan& plan, std::span<const Sha256Input> inputs) {
  std::array<LaneWork, most_hash_streams> work{};
  std::array<Bytes, most_hash_streams> rest{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto& hash = *inputs[i].hash;
    rest.at(i) = inputs[i].bytes;
    if (hash.kernel_ == nullptr || plan.alone == nullptr) continue;
    const auto whole = hash.complete_block(rest.at(i));
    const auto blocks = whole.size() / sha256_block;
    work.at(count++) = {&hash.state_, whole.data(), blocks};
    hash.length_ += blocks * sha256_block;
    rest.at(i) = whole.subspan(blocks * sha256_block);
  }
  if (count > 0) hash_blocks(plan, std::span(work).first(count));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    inputs[i].hash->update(rest.at(i));
}

// Takes as much as the block in tail_ lacks, if one is begun; the rest starts a block, or is empty.
Bytes Sha256::complete_block(Bytes bytes) {
  const std::size_t used = length_ % sha256_block;
  if (used == 0) return bytes;
  const auto taken = bytes.first(std::min(bytes.size(), sha256_block - used));
  keep_tail(taken);
  if (length_ % sha256_block == 0) kernel_->one(state_, tail_.data(), 1);
  return bytes.subspan(taken.size());
}

void Sha256::hash_whole_blocks(Bytes& bytes) {
  const std::size_t blocks = bytes.size() / sha256_block;
  if (blocks == 0) return;
  kernel_->one(state_, bytes.data(), blocks);
  length_ += blocks * sha256_block;
  bytes = bytes.subspan(blocks * sha256_block);
}

void Sha256::keep_tail(Bytes bytes) {
  std::ranges::copy(bytes, tail_.begin() + static_cast<std::ptrdiff_t>(length_ % sha256_block));
  length_ += bytes.size();
}

Result<Sha256Digest> Sha256::finish() {
  Sha256Digest digest{};
  if (openssl_) return openssl_->finish(digest).map([&] { return digest; });
  kernel_->one(state_, tail_.data(), pad_sha256(tail_, length_));
  for (std::size_t word = 0; word < state_.size(); ++word)
    store_big_endian(state_[word], std::span(digest).subspan(4 * word, 4));
  return digest;
}

bool sha256_has_states() {
  return best_kernel() != nullptr;
}

Result<GitSha1> GitSha1::begin(std::uint64_t size) {
  return os::CryptoDigest::begin(os::Hash::sha1).map([size](os::CryptoDigest&& openssl) {
    openssl.update(bytes_of("blob " + std::to_string(size) + '\0'));
    return GitSha1(std::move(openssl));
  });
}

void GitSha1::update(std::string_view text) {
  update(bytes_of(text));
}

Result<Sha1Digest> GitSha1::finish() {
  Sha1Digest digest{};
  return openssl_.finish(digest).map([&] { return digest; });
}

std::string to_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
  }
  return text;
}

}  // namespace hfaudit
