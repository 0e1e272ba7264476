#include "download/file_writer.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "digest/content_hash.hpp"
#include "os/fs.hpp"
#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] TransferResult ended(TransferEnd end, std::string cause = {}) {
  TransferResult result;
  result.end = end;
  result.cause = std::move(cause);
  return result;
}

}  // namespace

FileWriter::FileWriter(std::size_t number, const TransferJob& job, TransferTarget& destination,
                       Buffers& buffers, const std::stop_token& stop, std::function<void()> wake)
    : number_(number),
      job_(job),
      destination_(destination),
      buffers_(buffers),
      stop_(stop),
      wake_(std::move(wake)),
      on_disk_(job.prefix),
      early_(job.size, buffers),
      thread_([this] { run(); }) {}

FileWriter::~FileWriter() {
  close();
  thread_.join();
  drop_rest();
}

// After a failure the remaining bytes are useless.
void FileWriter::drop_rest() {
  const std::scoped_lock lock(mutex_);
  for (const auto& chunk : chunks_) {
    queued_ -= chunk.length;
    buffers_.queued -= chunk.length;
  }
  chunks_.clear();
  early_.drop();
}

void FileWriter::keep(EarlyPiece piece) {
  const std::scoped_lock lock(mutex_);
  early_.keep(std::move(piece));
  changed_.notify_one();
}

WriterPhase FileWriter::take_phase() {
  const std::scoped_lock lock(mutex_);
  const auto phase = phase_;
  if (phase == WriterPhase::again) phase_ = WriterPhase::open;
  return phase;
}

void FileWriter::set(WriterPhase phase) {
  {
    const std::scoped_lock lock(mutex_);
    phase_ = phase;
  }
  wake_();
}

void FileWriter::push(Chunk chunk) {
  queued_ += chunk.length;
  buffers_.queued += chunk.length;
  const std::scoped_lock lock(mutex_);
  chunks_.push_back(std::move(chunk));
  changed_.notify_one();
}

void FileWriter::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  changed_.notify_one();
}

TransferResult FileWriter::take_result() {
  const std::scoped_lock lock(mutex_);
  return std::move(result_);
}

// nullopt: the input has ended, or there are pieces to keep.
std::optional<Chunk> FileWriter::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !chunks_.empty() || early_.keeping() != 0; });
  if (chunks_.empty() || early_.keeping() != 0) return std::nullopt;
  auto chunk = std::move(chunks_.front());
  chunks_.pop_front();
  return chunk;
}

bool FileWriter::is_stopped() {
  if (stop_.stop_requested()) return true;
  const std::scoped_lock lock(mutex_);
  return closed_;
}

// An exception, usually lack of memory, would end the process.
TransferResult FileWriter::work_safely() {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return ended(TransferEnd::disk_error, "not enough memory");
  } catch (const std::exception& error) {
    return ended(TransferEnd::disk_error, error.what());
  }
}

void FileWriter::run() {
  auto result = work_safely();
  result.on_disk = on_disk_;
  // A piece is counted when its turn comes; these are counted here.
  result.gained = gained_ + early_.saved_from(on_disk_);
  drop_rest();
  {
    const std::scoped_lock lock(mutex_);
    result_ = std::move(result);
  }
  set(WriterPhase::ended);
}

TransferResult FileWriter::work() {
  auto begun = destination_.begin(number_);
  if (!begun) return failed(begun.error());
  if (begun->present) return ended(TransferEnd::present);
  if (!begun->partial_file) {
    auto result = ended(TransferEnd::busy);
    result.holder = begun->holder;
    return result;
  }
  return fill(*begun->partial_file);
}

// The earlier content is untrusted: a restart at zero because of it is not counted.
TransferResult FileWriter::fill(PartialFile& partial_file) {
  auto prefix = std::min(partial_file.prefix(), job_.size);
  bool guessed = prefix != 0;  // some of the content is of an earlier run
  auto phase = WriterPhase::open;
  // From the Hub twice; before that from all mirrors together, then from each alone.
  const auto mirrors = job_.mirrors.size();
  const std::size_t most_tries = 2 + (mirrors == 0 ? 0 : mirrors + 1);
  for (std::size_t tries = 0;;) {
    auto hash = ContentHash::begin(job_.kind, job_.size);
    if (!hash) return failed(hash.error());
    const auto hashed = hash_prefix(partial_file, prefix, *hash);
    if (!hashed) return failed(hashed.error());
    if (!*hashed) {
      on_disk_ = prefix;  // it is all there, including the unread part
      return ended(TransferEnd::open);
    }
    if (tries == 0 && phase == WriterPhase::open)
      guessed = early_.load(partial_file, on_disk_) || guessed;
    set(phase);
    const auto whole = write_rest(partial_file, *hash);
    if (!whole) return failed(whole.error());
    if (!*whole) return ended(TransferEnd::open);
    if (direct_) direct_ = !os::set_direct(partial_file.fd(), false);
    const auto got = hash->finish();
    if (!got) return failed(got.error());
    if (*got == job_.hex) {
      auto result = commit(partial_file);
      if (result.ours) result.chain = hash->take_chain();
      return result;
    }
    if (!guessed && ++tries == most_tries) return reject(partial_file, *got);
    phase = WriterPhase::again;
    prefix = 0;
    guessed = false;
    on_disk_ = 0;
    early_.drop();
    if (auto done = partial_file.restart(); !done) return failed(done.error());
  }
}

// false: interrupted.
Result<bool> FileWriter::hash_prefix(const PartialFile& partial_file, std::uint64_t length,
                                     ContentHash& hash) {
  on_disk_ = 0;
  // so that the rest is written in whole pages
  if (length < job_.size) length -= length % Chunk::page;
  auto chunk = buffers_.take();
  while (on_disk_ < length) {
    if (is_stopped()) return false;
    const auto most = std::min<std::uint64_t>(length - on_disk_, Chunk::capacity);
    const std::span<char> room(chunk.memory.get(), static_cast<std::size_t>(most));
    const auto got = os::read_at(partial_file.fd(), on_disk_, room);
    if (!got) return tl::unexpected<Error>(got.error());
    if (*got == 0) break;  // shorter than it was: the rest is requested
    hash.update(room.first(*got));
    on_disk_ += *got;
  }
  buffers_.give(std::move(chunk));
  return true;
}

// Large files are written past the page cache: the model that is being served stays cached during a
// download of 200 GB, and this copies less. Where the file system or the length of a piece forbids
// it, the piece is written through the cache.
Result<void> FileWriter::write(int fd, std::span<const char> bytes, std::size_t& written) {
  constexpr std::uint64_t large = std::uint64_t{32} << 20U;
  const bool whole_pages = on_disk_ % Chunk::page == 0 && bytes.size() % Chunk::page == 0;
  const bool direct = may_be_direct_ && job_.size >= large && whole_pages;
  if (direct != direct_) {
    may_be_direct_ = os::set_direct(fd, direct) && may_be_direct_;
    direct_ = direct && may_be_direct_;
  }
  auto done = os::write_at(fd, on_disk_, bytes, written);
  if (done || !direct_ || os::is_full(done.error())) return done;
  may_be_direct_ = direct_ = false;
  (void)os::set_direct(fd, false);
  std::size_t more = 0;
  done = os::write_at(fd, on_disk_ + written, bytes.subspan(written), more);
  written += more;
  return done;
}

Result<void> FileWriter::write_chunk(const PartialFile& partial_file, Chunk chunk,
                                     ContentHash& hash) {
  constexpr std::uint64_t soon = std::uint64_t{8} << 20U;
  std::size_t written = 0;
  auto done = write(partial_file.fd(), chunk.bytes(), written);
  hash.update(chunk.bytes().first(written));
  on_disk_ += written;
  if (chunk.origin != ChunkOrigin::restored) gained_ += written;
  queued_ -= chunk.length;
  buffers_.queued -= chunk.length;
  if (!done) return done;
  buffers_.give(std::move(chunk));
  if (direct_ || on_disk_ - flushed_ < soon) return {};
  os::begin_writeback(partial_file.fd(), flushed_, on_disk_ - flushed_);
  flushed_ = on_disk_;
  return {};
}

// false: the input has ended.
Result<bool> FileWriter::write_rest(PartialFile& partial_file, ContentHash& hash) {
  flushed_ = on_disk_;
  while (on_disk_ < job_.size) {
    if (early_.keeping() != 0) early_.save(partial_file, on_disk_);
    auto chunk = next();
    if (chunk) {
      if (auto done = write_chunk(partial_file, *std::move(chunk), hash); !done)
        return tl::unexpected<Error>(done.error());
    } else if (early_.keeping() == 0) {
      return false;
    }
  }
  return true;
}

TransferResult FileWriter::commit(PartialFile& partial_file) const {
  const auto key = os::key_of(partial_file.fd());
  auto state = partial_file.commit();
  if (!state && os::is_absent(state.error()))
    return ended(TransferEnd::network_error,
                 "another process removed the partial file during the download");
  if (!state) return failed(state.error());
  auto result = ended(TransferEnd::complete);
  result.state = *state;
  result.ours = state->key == key;
  return result;
}

TransferResult FileWriter::reject(PartialFile& partial_file, const std::string& got) const {
  const auto kept = partial_file.reject();
  const auto where = kept ? "; it is kept as " + *kept : std::string();
  return ended(TransferEnd::wrong,
               "checksum mismatch in two downloads: " + got + " instead of " + job_.hex + where);
}

TransferResult FileWriter::failed(const Error& error) const {
  if (os::is_full(error)) return ended(TransferEnd::disk_full, "the disk is full");
  const auto subject = error.subject.empty() ? job_.path : error.subject;
  return ended(TransferEnd::disk_error,
               "cannot " + error.operation + " " + subject + ": " + error.cause);
}

}  // namespace hfaudit
