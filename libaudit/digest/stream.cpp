#include "digest/stream.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

// What lies in memory already is read in pieces that stay in a core's own cache.
constexpr std::size_t cached_piece = std::size_t{128} << 10;

}  // namespace

Result<Stream> Stream::begin(std::size_t number, const ReadingJob& job,
                             std::unique_ptr<os::File> file) {
  Stream stream(number, std::move(file));
  if (job.sha256) {
    auto hash = ChainedSha256::begin();
    if (!hash) return tl::unexpected(hash.error());
    stream.sha256_ = std::move(*hash);
  }
  if (job.git_sha1) {
    auto hash = GitSha1::begin(stream.file_.meta().size);
    if (!hash) return tl::unexpected(hash.error());
    stream.git_sha1_ = std::move(*hash);
  }
  stream.over_ = stream.left() == 0;
  return stream;
}

std::span<const unsigned char> Stream::next(os::ReadBuffer& buffer, std::size_t most, bool more) {
  const bool waits = !file_.is_cached();
  const auto begin = Clock::now();
  const auto piece = file_.read(buffer, most, more);
  if (waits) waited_ += Clock::now() - begin;
  if (!piece) {
    failed_ = piece.error();
    over_ = true;
    return {};
  }
  constexpr std::size_t head_bytes = 1024;
  if (head_.size() < head_bytes)
    head_.append(piece->data(), std::min(piece->size(), head_bytes - head_.size()));
  over_ = piece->empty() || left() == 0;
  return {reinterpret_cast<const unsigned char*>(piece->data()), piece->size()};
}

std::uint64_t Stream::advance(os::ReadBuffer& buffer, bool more) {
  const auto piece = next(buffer, is_cached() ? cached_piece : buffer.bytes().size(), more);
  if (sha256_) sha256_->update(piece);
  if (git_sha1_) git_sha1_->update(piece);
  return piece.size();
}

// Pieces of one length: what one has more than the other would be hashed alone.
std::uint64_t Stream::advance_two(Stream& a, os::ReadBuffer& a_buffer, Stream& b,
                                  os::ReadBuffer& b_buffer, bool more) {
  const bool cached = a.is_cached() && b.is_cached();
  const auto most =
      cached ? cached_piece : std::min(a_buffer.bytes().size(), b_buffer.bytes().size());
  const auto a_piece = a.next(a_buffer, most, more);
  const auto b_piece = b.next(b_buffer, most, more);
  update_two(*a.sha256_, a_piece, *b.sha256_, b_piece);
  return a_piece.size() + b_piece.size();
}

ContentRead Stream::finish() {
  ContentRead read;
  read.size = file_.meta().size;
  read.mtime_ns = file_.meta().mtime_ns;
  read.offset = file_.position();
  const auto fail = [&](const Error& error) {
    read.outcome = ReadOutcome::unreadable;
    read.cause = error.cause;
  };
  if (failed_) {
    fail(*failed_);
    return read;
  }
  if (left() != 0 || !file_.is_unchanged()) {
    read.outcome = ReadOutcome::changed;
    return read;
  }
  if (sha256_) {
    if (const auto digest = sha256_->finish())
      read.sha256 = to_hex(*digest);
    else
      fail(digest.error());
    read.chain = sha256_->take_states();
  }
  if (git_sha1_) {
    if (const auto digest = git_sha1_->finish())
      read.git_sha1 = to_hex(*digest);
    else
      fail(digest.error());
  }
  read.head = std::move(head_);
  return read;
}

}  // namespace hfaudit
