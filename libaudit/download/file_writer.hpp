// The disk's side of one file: a thread that begins its partial file, hashes the present content,
// then hashes and writes new data, in order, and gives it its name once its digest is right.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "download/early_pieces.hpp"
#include "download/transfer.hpp"

namespace hfaudit {

class ContentHash;

enum class WriterPhase : std::uint8_t {
  beginning,
  open,   // bytes from on_disk() on are wanted
  again,  // the content was wrong: from zero, over other connections
  ended
};

class FileWriter {
 public:
  // Starts at once. `wake` is called whenever the phase changes. All are borrowed.
  FileWriter(std::size_t number, const TransferJob& job, TransferTarget& destination,
             Buffers& buffers, const std::stop_token& stop, std::function<void()> wake);
  ~FileWriter();  // pushed data is written
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // WriterPhase::again is returned once; then the phase is open.
  [[nodiscard]] WriterPhase take_phase();
  [[nodiscard]] std::uint64_t on_disk() const { return on_disk_; }
  void push(Chunk chunk);
  [[nodiscard]] std::uint64_t queued() const { return queued_; }
  // Once open: the pieces of an earlier run, for RangeBuffer::restore().
  [[nodiscard]] std::vector<EarlyPiece> take_restored() { return early_.take_restored(); }
  // Keeps a piece in the file of pieces.
  void keep(EarlyPiece piece);
  // Bytes of keep() that are still to be written.
  [[nodiscard]] std::uint64_t keeping() const { return early_.keeping(); }
  // The input has ended: the thread ends once all is written.
  void close();
  [[nodiscard]] TransferResult take_result();  // once ended

 private:
  void run();
  [[nodiscard]] TransferResult work_safely();
  [[nodiscard]] TransferResult work();
  [[nodiscard]] TransferResult fill(PartialFile& partial_file);
  [[nodiscard]] Result<bool> hash_prefix(const PartialFile& partial_file, std::uint64_t length,
                                         ContentHash& hash);
  [[nodiscard]] Result<void> write(int fd, std::span<const char> bytes, std::size_t& written);
  [[nodiscard]] Result<bool> write_rest(PartialFile& partial_file, ContentHash& hash);
  [[nodiscard]] Result<void> write_chunk(const PartialFile& partial_file, Chunk chunk,
                                         ContentHash& hash);
  [[nodiscard]] TransferResult commit(PartialFile& partial_file) const;
  [[nodiscard]] TransferResult reject(PartialFile& partial_file, const std::string& got) const;
  [[nodiscard]] TransferResult failed(const Error& error) const;
  [[nodiscard]] std::optional<Chunk> next();
  [[nodiscard]] bool is_stopped();
  void set(WriterPhase phase);
  void drop_rest();

  std::size_t number_;
  const TransferJob& job_;
  TransferTarget& destination_;
  Buffers& buffers_;
  std::stop_token stop_;
  std::function<void()> wake_;

  std::mutex mutex_;
  std::condition_variable changed_;
  WriterPhase phase_ = WriterPhase::beginning;
  std::deque<Chunk> chunks_;
  bool closed_ = false;
  std::atomic<std::uint64_t> on_disk_;  // until the partial file is there: that of the job
  std::atomic<std::uint64_t> queued_{0};
  EarlyPieces early_;
  std::uint64_t gained_ = 0, flushed_ = 0;
  bool direct_ = false, may_be_direct_ = true;
  TransferResult result_;
  std::thread thread_;
};

}  // namespace hfaudit
