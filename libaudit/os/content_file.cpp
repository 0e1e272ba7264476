#include "os/content_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

constexpr std::uint64_t page = 4096;  // what O_DIRECT asks of offset, length and memory at most
constexpr std::uint64_t stretch = std::uint64_t{16} << 20;

std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + page - 1) / page * page;
}

// cachestat(2), Linux 6.5; glibc has no name for it yet. nullopt: the kernel does not know it, or will not say.
std::optional<std::uint64_t> ask_cachestat(int fd, std::uint64_t offset, std::uint64_t length) {
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

// The same by mincore(2), which calls every page cached of a file that we neither own nor may write.
std::optional<std::uint64_t> ask_mincore(int fd, std::uint64_t offset, std::uint64_t length) {
  void* map = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (map == MAP_FAILED) return std::nullopt;
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((length + page_size - 1) / page_size);
  const int code = ::mincore(map, length, pages.data());
  ::munmap(map, length);
  if (code != 0) return std::nullopt;
  const auto cached = std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1U) != 0; });
  return static_cast<std::uint64_t>(cached) * page_size;
}

// mincore(2) tells the truth to the owner, to who may write, and to root.
bool may_ask(int fd, std::uint32_t owner) {
  if (::geteuid() == 0 || ::geteuid() == owner) return true;
  return ::faccessat(fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

std::int64_t ctime_ns(const struct stat& status) {
  return std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec;
}

Meta meta_of(const struct stat& status) {
  Meta meta;
  meta.key = {status.st_dev, status.st_ino};
  meta.size = static_cast<std::uint64_t>(status.st_size);
  meta.mtime_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  meta.uid = status.st_uid;
  return meta;
}

ssize_t read_piece(int fd, std::span<char> into, std::uint64_t offset) {
  for (;;) {
    const auto got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

ReadBuffer::ReadBuffer(std::size_t bytes)
    : memory_(static_cast<char*>(std::aligned_alloc(page, whole_pages(bytes)))), size_(whole_pages(bytes)) {
  if (!memory_) throw std::bad_alloc();
}

void ReadBuffer::Free::operator()(char* memory) const {
  std::free(memory);
}

ContentFile::ContentFile(std::unique_ptr<File> file) : file_(std::move(file)) {
  struct stat status{};
  if (::fstat(file_->fd(), &status) != 0) return;
  meta_ = meta_of(status);
  changed_ns_ = ctime_ns(status);
  may_ask_ = may_ask(file_->fd(), meta_.uid);
}

bool ContentFile::is_unchanged() const {
  struct stat status{};
  if (::fstat(file_->fd(), &status) != 0) return false;
  const auto now = meta_of(status);
  return now.size == meta_.size && now.mtime_ns == meta_.mtime_ns && ctime_ns(status) == changed_ns_;
}

ContentFile::Cached ContentFile::look(std::uint64_t offset, std::uint64_t length) const {
  if (!may_ask_) return Cached::unknown;
  auto cached = ask_cachestat(file_->fd(), offset, length);
  if (!cached) cached = ask_mincore(file_->fd(), offset, length);
  if (!cached) return Cached::unknown;
  if (*cached == 0) return Cached::none;
  return *cached >= length ? Cached::all : Cached::some;
}

void ContentFile::look_ahead() {
  if (position_ < looked_until_ || position_ >= meta_.size) return;
  const auto left = meta_.size - position_;
  auto length = std::min(left, stretch);
  cached_ = look(position_, length);
  if (cached_ == Cached::some && length > disk_piece) {
    length = disk_piece;
    cached_ = look(position_, length);
  }
  looked_until_ = position_ + length;
}

bool ContentFile::is_cached() {
  look_ahead();
  return cached_ == Cached::all || position_ >= meta_.size;
}

bool ContentFile::set_direct(bool direct) {
  if (direct == direct_) return true;
  const int flags = ::fcntl(file_->fd(), F_GETFL);
  const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  if (flags < 0 || ::fcntl(file_->fd(), F_SETFL, wanted) != 0) return false;
  direct_ = direct;
  return true;
}

Result<std::span<const char>> ContentFile::read(ReadBuffer& buffer) {
  look_ahead();
  if (position_ >= meta_.size) return std::span<const char>{};
  const auto left = meta_.size - position_;
  const bool cached = cached_ == Cached::all;
  const auto piece = std::min<std::uint64_t>(cached ? cached_piece : disk_piece, looked_until_ - position_);
  const auto into = buffer.bytes().first(std::min<std::size_t>(whole_pages(piece), buffer.bytes().size()));

  ssize_t got = -1;
  const bool direct = !cached && can_direct_ && position_ % page == 0 && set_direct(true);
  if (direct) {
    got = read_piece(file_->fd(), into, position_);
    // It may end early for a reason of its own: the rest must begin on a page again.
    if (got > 0 && static_cast<std::uint64_t>(got) < std::min<std::uint64_t>(left, into.size()))
      got -= got % static_cast<ssize_t>(page);
    if (got == 0 || (got < 0 && errno == EINVAL)) can_direct_ = false;
  }
  if (!direct || !can_direct_) {
    if (!set_direct(false)) return failure("read", file_->name(), "it cannot be read through the page cache", EIO);
    // Without readahead, which would bring in what nobody asked for and nobody drops again.
    if (!cached) ::posix_fadvise(file_->fd(), 0, 0, POSIX_FADV_RANDOM);
    got = read_piece(file_->fd(), into, position_);
  }
  if (got < 0) {
    const auto pages = read_pagewise(into);
    if (!pages) return tl::unexpected(pages.error());
    got = static_cast<ssize_t>(*pages);
  }
  const auto taken = std::min<std::uint64_t>(static_cast<std::uint64_t>(got), left);
  if (cached_ == Cached::none) {
    ::posix_fadvise(file_->fd(), static_cast<off_t>(position_), static_cast<off_t>(whole_pages(taken)),
                    POSIX_FADV_DONTNEED);
  }
  position_ += taken;
  return std::span<const char>(into.first(static_cast<std::size_t>(taken)));
}

// A big read fails as a whole: page by page shows where. A fault that has passed by then was none.
Result<std::size_t> ContentFile::read_pagewise(std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = read_piece(file_->fd(), into.subspan(done, std::min<std::size_t>(page, into.size() - done)),
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
