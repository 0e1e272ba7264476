#include "os/read_buffer.hpp"

#include <linux/aio_abi.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace hfaudit::os {

DiskQueue::~DiskQueue() {
  if (context_ != 0) ::syscall(SYS_io_destroy, context_);
}

bool DiskQueue::set_up() {
  if (context_ == 0 && !refused_) refused_ = ::syscall(SYS_io_setup, depth, &context_) != 0;
  return !refused_;
}

bool DiskQueue::submit(ReadBuffer& buffer, int fd, std::uint64_t offset, std::span<char> into) {
  iocb request{};
  request.aio_data = reinterpret_cast<std::uintptr_t>(&buffer);
  request.aio_lio_opcode = IOCB_CMD_PREAD;
  request.aio_fildes = static_cast<std::uint32_t>(fd);
  request.aio_buf = reinterpret_cast<std::uintptr_t>(into.data());
  request.aio_nbytes = into.size();
  request.aio_offset = static_cast<std::int64_t>(offset);
  std::array<iocb*, 1> requests{&request};
  return ::syscall(SYS_io_submit, context_, 1, requests.data()) == 1;
}

void DiskQueue::wait_for(const ReadBuffer& buffer) {
  while (!buffer.arrived_) {
    std::array<io_event, depth> events{};
    const auto count =
        ::syscall(SYS_io_getevents, context_, 1, events.size(), events.data(), nullptr);
    for (long i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      // as submit() gave it
      auto& arrived = *std::bit_cast<ReadBuffer*>(static_cast<std::uintptr_t>(event.data));
      arrived.result_ = event.res;
      arrived.arrived_ = true;
    }
  }
}

// In huge pages where it fills them: a disk that writes to two hundred places instead of one is
// half as fast, and costs twice the processor time.
PageMemory::PageMemory(std::size_t bytes) : size_((bytes + page - 1) / page * page) {
  constexpr std::size_t huge = std::size_t{2} << 20;
  const bool fills = size_ % huge == 0;
  memory_.reset(static_cast<char*>(std::aligned_alloc(fills ? huge : page, size_)));
  if (!memory_) throw std::bad_alloc();
  if (fills) ::madvise(memory_.get(), size_, MADV_HUGEPAGE);
}

void PageMemory::Free::operator()(char* memory) const {
  std::free(memory);
}

ReadBuffer::~ReadBuffer() {
  // or the disk would write into memory that was reused by then
  if (in_flight_) queue_.wait_for(*this);
}

bool ReadBuffer::begin(int fd, std::uint64_t offset, std::size_t length) {
  if (in_flight_ || !queue_.set_up()) return false;
  if (!queue_.submit(*this, fd, offset, half(1 - used_).first(length))) return false;
  in_flight_ = true;
  arrived_ = false;
  fd_ = fd;
  offset_ = offset;
  return true;
}

ssize_t ReadBuffer::end() {
  queue_.wait_for(*this);
  in_flight_ = false;
  used_ = 1 - used_;
  if (result_ >= 0) return static_cast<ssize_t>(result_);
  errno = static_cast<int>(-result_);
  return -1;
}

}  // namespace hfaudit::os
