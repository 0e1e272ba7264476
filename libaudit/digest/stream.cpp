#include "digest/stream.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Result<Stream> Stream::begin(std::size_t number, const ReadingJob& job,
                             std::unique_ptr<os::File> file) {
  Stream stream(number, os::ContentFile(std::move(file)));
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

Bytes Stream::next(os::ReadBuffer& buffer, std::size_t most, os::AfterRead after) {
  const bool waits = !file_.is_cached();
  const auto begin = Clock::now();
  const auto piece = file_.read(buffer, most, after);
  if (waits) waited_ += Clock::now() - begin;
  if (!piece) {
    failed_ = piece.error();
    over_ = true;
    return {};
  }
  constexpr std::size_t head_bytes = 1024;
  if (begins_at_ == 0 && head_.size() < head_bytes)
    head_.append(piece->data(), std::min(piece->size(), head_bytes - head_.size()));
  over_ = piece->empty() || left() == 0;
  done_ += piece->size();
  return {reinterpret_cast<const unsigned char*>(piece->data()), piece->size()};
}

std::uint64_t Stream::advance(os::ReadBuffer& buffer, os::AfterRead after) {
  const auto piece = next(buffer, is_cached() ? most_cached_piece : buffer.bytes().size(), after);
  if (sha256_) sha256_->update(piece);
  if (git_sha1_) git_sha1_->update(piece);
  return piece.size();
}

bool Stream::wants_chain() const {
  return !asked_for_chain_ && wants_partner() && !over_ && left() >= 2 * chain_block_bytes &&
         sha256_has_states();
}

void Stream::set_chain(std::optional<BlockChain> chain) {
  asked_for_chain_ = true;
  const auto size = file_.meta().size;
  if (chain && chain->size == size && chain->states.size() == size / chain_block_bytes)
    chain_ = std::make_shared<const BlockChain>(std::move(*chain));
}

// Blocks that begin behind the position.
std::uint64_t Stream::cuts() const {
  if (chain_ == nullptr || !opens_again_ || over_ || left() == 0) return 0;
  return (file_.end() - 1) / chain_block_bytes - file_.position() / chain_block_bytes;
}

std::vector<std::unique_ptr<Stream>> Stream::cut(std::uint64_t count) {
  const auto blocks = cuts();
  count = std::min(count, blocks);
  const auto first = file_.position() / chain_block_bytes + 1;
  std::vector<std::unique_ptr<Stream>> parts;
  auto end = file_.end();
  // from the end, so that this one continues to the first part that could be opened
  for (auto i = count; i > 0; --i) {
    const auto block = first + i * (blocks + 1) / (count + 1) - 1;
    const auto& start = chain_->states[static_cast<std::size_t>(block - 1)];
    auto hash = ChainedSha256::resume(start, block);
    auto file = file_.open_part(block * chain_block_bytes, end);
    if (!hash || !file) continue;
    std::unique_ptr<Stream> part(new Stream(number_, std::move(*file)));
    part->begins_at_ = block * chain_block_bytes;
    part->sha256_ = std::move(*hash);
    part->start_ = start;
    part->chain_ = chain_;
    part->asked_for_chain_ = true;
    end = part->begins_at_;
    parts.push_back(std::move(part));
  }
  file_.set_end(end);
  if (count > 0 && parts.empty()) opens_again_ = false;
  return parts;
}

bool Stream::follows_chain() {
  if (chain_ == nullptr || !sha256_) return true;
  const auto& states = sha256_->states();
  const auto before = static_cast<std::size_t>(begins_at_ / chain_block_bytes);
  for (; compared_ < states.size(); ++compared_) {
    if (states[compared_] != chain_->states[before + compared_]) return false;
  }
  return true;
}

void Stream::leave_chain() {
  chain_ = nullptr;
  file_.set_end(file_.meta().size);
  if (!failed_) over_ = left() == 0;
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

ContentRead Stream::finish(std::vector<std::unique_ptr<Stream>> parts) {
  auto read = parts.back()->finish();
  if (read.outcome != ReadOutcome::whole) return read;
  std::vector<Sha256State> states;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto& own = parts[i]->sha256_->states();
    states.insert(states.end(), own.begin(), own.end());
    const auto& next = *parts[i + 1];
    // this alone makes the digest that of the bytes
    const bool joins =
        states.size() * chain_block_bytes == next.begins_at_ && states.back() == next.start_;
    if (!joins) read.outcome = ReadOutcome::changed;
  }
  read.chain.insert(read.chain.begin(), states.begin(), states.end());
  read.head = std::move(parts.front()->head_);
  return read;
}

}  // namespace hfaudit
