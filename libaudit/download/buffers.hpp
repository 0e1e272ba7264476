// Memory for bytes between the network and the disk, used again and again, and released at the end:
// the system's allocator also keeps memory that many threads allocate and free in turns, and more
// of it. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <vector>

namespace hfaudit {

// Where the bytes of a chunk were last: `saved` and `restored` lie in a file of pieces as well.
enum class ChunkOrigin : std::uint8_t { network, saved, restored };

// Some bytes of a file on their way.
struct Chunk {
  static constexpr std::size_t capacity = std::size_t{1} << 20U;
  // the alignment of memory, offset and length for writes past the page cache
  static constexpr std::size_t page = 4096;
  struct Free {
    void operator()(char* pages) const { ::operator delete[](pages, std::align_val_t{page}); }
  };
  using Memory = std::unique_ptr<char[], Free>;
  Memory memory;
  std::size_t length = 0;
  ChunkOrigin origin = ChunkOrigin::network;

  [[nodiscard]] std::span<const char> bytes() const { return {memory.get(), length}; }
  [[nodiscard]] std::span<char> room() const { return {memory.get() + length, capacity - length}; }
};

class Buffers {
 public:
  [[nodiscard]] Chunk take() {
    const std::scoped_lock lock(mutex_);
    if (idle_.empty())
      return {Chunk::Memory(new (std::align_val_t{Chunk::page}) char[Chunk::capacity]), 0};
    Chunk chunk{std::move(idle_.back()), 0};
    idle_.pop_back();
    return chunk;
  }
  void give(Chunk chunk) {
    const std::scoped_lock lock(mutex_);
    if (chunk.memory) idle_.push_back(std::move(chunk.memory));
  }

  // Bytes that wait for a disk.
  std::atomic<std::uint64_t> queued{0};

 private:
  std::mutex mutex_;
  std::vector<Chunk::Memory> idle_;
};

}  // namespace hfaudit
