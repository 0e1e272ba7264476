#include "os/content_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

namespace hfaudit::os {
namespace {

constexpr std::uint64_t page = ReadBuffer::page;
constexpr std::uint64_t stretch = std::uint64_t{16} << 20;  // bytes per call of mincore(2)
constexpr std::uint64_t part = std::uint64_t{1} << 20;      // the same where some of it is cached

std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + page - 1) / page * page;
}

// cachestat(2), Linux 6.5; glibc lacks a name for it. nullopt: the kernel lacks it, or refuses.
std::optional<std::uint64_t> query_cachestat(int fd, std::uint64_t offset, std::uint64_t length) {
  constexpr long number = 451;  // on every architecture
  struct {
    std::uint64_t offset, length;
  } range{offset, length};
  struct {
    std::uint64_t cached, dirty, writeback, evicted, recently_evicted;
  } answer{};
  if (::syscall(number, fd, &range, &answer, 0) != 0) return std::nullopt;
  return answer.cached * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// The same by mincore(2), which calls every page cached of a file that we neither own nor may
// write.
std::optional<std::uint64_t> query_mincore(int fd, std::uint64_t offset, std::uint64_t length) {
  void* map = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (map == MAP_FAILED) return std::nullopt;
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((length + page_size - 1) / page_size);
  const int code = ::mincore(map, length, pages.data());
  ::munmap(map, length);
  if (code != 0) return std::nullopt;
  const auto cached =
      std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1U) != 0; });
  return static_cast<std::uint64_t>(cached) * page_size;
}

// mincore(2) is exact only for the owner, for users with write access, and for root.
bool may_query(int fd, std::uint32_t owner) {
  if (::geteuid() == 0 || ::geteuid() == owner) return true;
  return ::faccessat(fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

ssize_t read_piece(int fd, std::span<char> into, std::uint64_t offset) {
  for (;;) {
    const auto got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

ContentFile::ContentFile(std::unique_ptr<File> file)
    : file_(std::move(file)),
      meta_(file_->meta()),
      may_query_(may_query(file_->fd(), meta_.uid)),
      end_(meta_.size) {}

ContentFile::ContentFile(std::unique_ptr<File> file, std::uint64_t from, std::uint64_t end)
    : ContentFile(std::move(file)) {
  position_ = from;
  end_ = end;
}

void ContentFile::set_end(std::uint64_t end) {
  end_ = end;
  checked_until_ = std::min(checked_until_, end);
}

Result<ContentFile> ContentFile::open_part(std::uint64_t from, std::uint64_t end) const {
  auto again = file_->open_again();
  if (!again) return tl::unexpected(again.error());
  return ContentFile(std::move(*again), from, end);
}

bool ContentFile::is_unchanged() const {
  const auto now = file_->stat();
  return now && now->size == meta_.size && now->mtime_ns == meta_.mtime_ns &&
         now->ctime_ns == meta_.ctime_ns;
}

ContentFile::Cached ContentFile::inspect(std::uint64_t offset, std::uint64_t length) const {
  if (!may_query_) return Cached::unknown;
  auto cached = query_cachestat(file_->fd(), offset, length);
  if (!cached) cached = query_mincore(file_->fd(), offset, length);
  if (!cached) return Cached::unknown;
  if (*cached == 0) return Cached::none;
  return *cached >= length ? Cached::all : Cached::some;
}

void ContentFile::look_ahead() {
  if (position_ < checked_until_ || position_ >= end_) return;
  const auto left = end_ - position_;
  auto length = std::min(left, stretch);
  cached_ = inspect(position_, length);
  if (cached_ == Cached::some && length > part) {
    length = part;
    cached_ = inspect(position_, length);
  }
  checked_until_ = position_ + length;
}

bool ContentFile::is_cached() {
  look_ahead();
  return cached_ == Cached::all || position_ >= end_;
}

bool ContentFile::set_direct(bool direct) {
  if (direct == direct_) return true;
  const int flags = ::fcntl(file_->fd(), F_GETFL);
  const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  if (flags < 0 || ::fcntl(file_->fd(), F_SETFL, wanted) != 0) return false;
  direct_ = direct;
  return true;
}

// Whole pages, the last one too: O_DIRECT wants them.
std::size_t ContentFile::next_length(const ReadBuffer& buffer, std::size_t most) const {
  const auto length = whole_pages(std::min<std::uint64_t>(most, checked_until_ - position_));
  return std::min(static_cast<std::size_t>(length), buffer.bytes().size());
}

bool ContentFile::may_read_direct() {
  return cached_ != Cached::all && can_direct_ && position_ % page == 0 && set_direct(true);
}

// As pread(2); nullopt: only the page cache can serve the read. A short read ends on a page, so
// that the rest can be read this way too.
std::optional<ssize_t> ContentFile::read_direct(ReadBuffer& buffer, std::size_t length) {
  ssize_t got = -1;
  if (buffer.is_in_flight(file_->fd(), position_)) {
    got = buffer.end();
  } else if (may_read_direct()) {
    got = read_piece(file_->fd(), buffer.bytes().first(length), position_);
  } else {
    return std::nullopt;
  }
  if (got > 0 && static_cast<std::uint64_t>(got) < end_ - position_)
    got -= got % static_cast<ssize_t>(page);
  if (got == 0 || (got < 0 && errno == EINVAL)) {
    can_direct_ = false;
    return std::nullopt;
  }
  return got;
}

ssize_t ContentFile::read_through(std::span<char> into) {
  if (!set_direct(false)) return -1;
  // Readahead would bring in pages that stay.
  if (cached_ != Cached::all && !readahead_off_) {
    ::posix_fadvise(file_->fd(), 0, 0, POSIX_FADV_RANDOM);
    readahead_off_ = true;
  }
  const auto got = read_piece(file_->fd(), into, position_);
  if (got > 0 && cached_ == Cached::none) {
    ::posix_fadvise(file_->fd(), static_cast<off_t>(position_), static_cast<off_t>(into.size()),
                    POSIX_FADV_DONTNEED);
  }
  return got;
}

Result<std::span<const char>> ContentFile::read(ReadBuffer& buffer, std::size_t most,
                                                AfterRead after) {
  look_ahead();
  if (position_ >= end_) return std::span<const char>{};
  const auto length = next_length(buffer, most);
  const auto direct = read_direct(buffer, length);
  const auto into = buffer.bytes().first(length);
  auto got = direct ? *direct : read_through(into);
  if (got < 0) {
    const auto pages = read_pagewise(into);
    if (!pages) return tl::unexpected(pages.error());
    got = static_cast<ssize_t>(*pages);
  }
  const auto taken = std::min<std::uint64_t>(static_cast<std::uint64_t>(got), end_ - position_);
  position_ += taken;
  const auto piece = std::span<const char>(buffer.bytes().first(static_cast<std::size_t>(taken)));
  if (after == AfterRead::continues && taken != 0) read_ahead(buffer, most);
  return piece;
}

void ContentFile::read_ahead(ReadBuffer& buffer, std::size_t most) {
  if (position_ >= end_) return;
  look_ahead();
  if (may_read_direct())
    static_cast<void>(buffer.begin(file_->fd(), position_, next_length(buffer, most)));
}

// A big read fails as a whole: page by page shows where. A fault that has passed by then is
// ignored.
Result<std::size_t> ContentFile::read_pagewise(std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got =
        read_piece(file_->fd(), into.subspan(done, std::min<std::size_t>(page, into.size() - done)),
                   position_ + done);
    if (got < 0) {
      const int code = errno;
      position_ += done;
      return failure("read", file_->name(), std::generic_category().message(code), code);
    }
    done += static_cast<std::size_t>(got);
    if (static_cast<std::uint64_t>(got) < page) break;
  }
  return done;
}

}  // namespace hfaudit::os
