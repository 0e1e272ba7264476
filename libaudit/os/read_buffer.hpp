// Memory for the pieces of a file, in which the disk can write one piece while the processor works
// on another.
//
// That is Linux's io_submit(2), by its number: libaio would be a library more for four calls. Where
// it is forbidden or used up (containers, fs.aio-max-nr) begin() returns false, and the reader
// simply waits.
//
// A queue and its buffers are for one thread at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace hfaudit::os {

class ReadBuffer;

// Requests to disks without a waiting reader. Made when first needed: to end one costs the kernel
// some 30 ms.
class DiskQueue {
 public:
  static constexpr unsigned depth = 32;  // requests at a time

  DiskQueue() = default;
  DiskQueue(const DiskQueue&) = delete;
  DiskQueue& operator=(const DiskQueue&) = delete;
  ~DiskQueue();  // waits for what is under way

 private:
  friend class ReadBuffer;
  [[nodiscard]] bool set_up();
  [[nodiscard]] bool submit(ReadBuffer& buffer, int fd, std::uint64_t offset, std::span<char> into);
  void wait_for(const ReadBuffer& buffer);

  unsigned long context_ = 0;  // the kernel's aio_context_t; 0 before the first use
  bool refused_ = false;
};

// Memory in whole pages, to be divided among buffers.
class PageMemory {
 public:
  // the strictest alignment of O_DIRECT
  static constexpr std::size_t page = 4096;

  explicit PageMemory(std::size_t bytes);
  [[nodiscard]] std::span<char> bytes() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* memory) const;
  };
  std::size_t size_;
  std::unique_ptr<char, Free> memory_;
};

class ReadBuffer {
 public:
  static constexpr std::size_t page = PageMemory::page;

  // The halves of `memory`, which outlives the buffer and begins and ends on a page, as both do.
  ReadBuffer(std::span<char> memory, DiskQueue& queue)
      : queue_(queue), memory_(memory), size_(memory.size() / 2) {}
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;
  ~ReadBuffer();  // waits for what is under way

  // The half in use.
  [[nodiscard]] std::span<char> bytes() const { return half(used_); }

  // Has `length` bytes of the file read into the other half, while the one in use stays as it is.
  [[nodiscard]] bool begin(int fd, std::uint64_t offset, std::size_t length);
  [[nodiscard]] bool is_in_flight() const { return in_flight_; }
  [[nodiscard]] bool is_in_flight(int fd, std::uint64_t offset) const {
    return in_flight_ && fd_ == fd && offset_ == offset;
  }
  // Waits for it; that half is in use then. Returns the result of pread(2), with errno.
  [[nodiscard]] ssize_t end();

 private:
  friend class DiskQueue;
  [[nodiscard]] std::span<char> half(std::size_t which) const {
    return memory_.subspan(which * size_, size_);
  }

  DiskQueue& queue_;
  std::span<char> memory_;
  std::size_t size_;  // of a half
  std::size_t used_ = 0;
  bool in_flight_ = false, arrived_ = false;
  std::int64_t result_ = 0;
  int fd_ = -1;
  std::uint64_t offset_ = 0;
};

}  // namespace hfaudit::os
