// A file on its way to a disk that is a test's own: what FileWriter needs around it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "digest/content_hash.hpp"
#include "download/file_writer.hpp"

namespace transfer_world {

using namespace hfaudit;

inline std::string random_content(std::size_t size, unsigned seed) {
  std::minstd_rand source(seed);
  std::string content(size, '\0');
  for (auto& c : content)
    c = static_cast<char>(source() >> 8U);
  return content;
}

inline std::string hash_of(std::string_view content, HashKind kind = HashKind::sha256) {
  auto hash = ContentHash::begin(kind, content.size());
  hash->update({content.data(), content.size()});
  return hash->finish().value_or("");
}

inline TransferJob job_of(std::string_view content, HashKind kind = HashKind::sha256) {
  TransferJob job;
  job.path = "model.bin";
  job.size = content.size();
  job.kind = kind;
  job.hex = job.etag = hash_of(content, kind);
  return job;
}

// Everything that happens to a draft is written down here, and outlives it.
struct Disk {
  std::FILE* file = std::tmpfile();
  std::FILE* pieces = std::tmpfile();
  std::uint64_t prefix = 0;
  int restarts = 0, commits = 0, rejects = 0;
  std::string device;       // takes the file's place: /dev/full
  std::string begin_fails;  // a cause
  std::string commit_fails;
  bool busy = false, present = false;

  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk() {
    std::fclose(file);
    std::fclose(pieces);
  }

  void put(std::string_view content) {
    std::fwrite(content.data(), 1, content.size(), file);
    std::fflush(file);
    prefix = content.size();
  }
  [[nodiscard]] std::string content() const {
    std::string all;
    std::array<char, 1U << 16U> part{};
    for (ssize_t got = 0; (got = ::pread(::fileno(file), part.data(), part.size(),
                                         static_cast<off_t>(all.size()))) > 0;)
      all.append(part.data(), static_cast<std::size_t>(got));
    return all;
  }
};

class DiskPartialFile final : public PartialFile {
 public:
  explicit DiskPartialFile(Disk& disk) : disk_(disk) {
    fd_ =
        disk.device.empty() ? ::fileno(disk.file) : ::open(disk.device.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~DiskPartialFile() override {
    if (!disk_.device.empty()) ::close(fd_);
  }
  DiskPartialFile(const DiskPartialFile&) = delete;
  DiskPartialFile& operator=(const DiskPartialFile&) = delete;

  [[nodiscard]] int fd() const override { return fd_; }
  [[nodiscard]] std::uint64_t prefix() const override { return disk_.prefix; }
  [[nodiscard]] Result<int> pieces(MissingPieces) override { return ::fileno(disk_.pieces); }
  [[nodiscard]] Result<void> restart() override {
    if (::ftruncate(::fileno(disk_.pieces), 0) != 0) return failure("empty", "the pieces", "no");
    ++disk_.restarts;
    disk_.prefix = 0;
    if (::ftruncate(fd_, 0) != 0) return failure("empty", "the draft", "it will not be");
    return {};
  }
  [[nodiscard]] Result<FileState> commit() override {
    ++disk_.commits;
    if (!disk_.commit_fails.empty()) return failure("finish", "the draft", disk_.commit_fails);
    FileState state;
    state.present = true;
    return state;
  }
  [[nodiscard]] Result<std::string> reject() override {
    ++disk_.rejects;
    return std::string("/cache/aside");
  }

 private:
  Disk& disk_;
  int fd_ = -1;
};

class DiskTarget final : public TransferTarget {
 public:
  explicit DiskTarget(Disk& disk) : disk_(disk) {}
  [[nodiscard]] Result<BeginResult> begin(std::size_t) override {
    if (!disk_.begin_fails.empty()) return failure("open", "/cache/blobs", disk_.begin_fails);
    BeginResult begun;
    begun.present = disk_.present;
    begun.holder.pid = disk_.busy ? 4711 : 0;
    if (!disk_.busy && !disk_.present)
      begun.partial_file = std::make_unique<DiskPartialFile>(disk_);
    return begun;
  }
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override { return std::nullopt; }

 private:
  Disk& disk_;
};

// A writer at work, and the engine's part of it.
class Writing {
 public:
  Writing(Disk& disk, const TransferJob& job, const std::stop_token& stop = {})
      : destination_(disk), writer(0, job, destination_, buffers, stop, [this] { ++wakes; }) {}

  // The next phase that is not the one of before; `beginning` where none comes for ten seconds, so
  // that tests end.
  WriterPhase wait() {
    for (int i = 0; i < 10'000; ++i) {
      const auto phase = writer.take_phase();
      if (phase != WriterPhase::beginning && (phase != WriterPhase::open || !was_open_)) {
        was_open_ = phase == WriterPhase::open || phase == WriterPhase::again;
        return phase;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return WriterPhase::beginning;
  }
  void push(std::string_view bytes) {
    while (!bytes.empty()) {
      auto chunk = buffers.take();
      const auto part = bytes.substr(0, Chunk::capacity);
      part.copy(chunk.room().data(), part.size());
      chunk.length = part.size();
      writer.push(std::move(chunk));
      bytes.remove_prefix(part.size());
    }
  }
  void keep(std::uint64_t offset, std::string_view bytes) {
    EarlyPiece piece{offset, buffers.take()};
    bytes.copy(piece.chunk.room().data(), bytes.size());
    piece.chunk.length = bytes.size();
    writer.keep(std::move(piece));
  }
  TransferResult end() {
    constexpr int most_phases = 3;
    for (int i = 0; i < most_phases && wait() != WriterPhase::ended; ++i)
      ;
    return writer.take_result();
  }

 private:
  DiskTarget destination_;
  bool was_open_ = false;

 public:
  Buffers buffers;
  std::atomic<int> wakes{0};
  FileWriter writer;
};

}  // namespace transfer_world
