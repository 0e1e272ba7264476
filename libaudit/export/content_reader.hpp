// Reads and hashes the contents of an export, one after the other, in a thread of its own: while
// the archive is written the next bytes are read, past the end of a file too.
//
// The last piece of a file is handed out only when all of it has the right digest and the file is
// unchanged since. So the archive lacks at least the last piece of wrong content.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "export/plan.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"
#include "os/read_buffer.hpp"

namespace hfaudit {

class ContentReader {
 public:
  using ContentOpener = std::function<Result<std::unique_ptr<os::File>>(const ExportMember&)>;

  // `members` are read in this order; they outlive the reader.
  ContentReader(std::vector<const ExportMember*> members, ContentOpener open,
                const std::stop_token& stop);
  ContentReader(const ContentReader&) = delete;
  ContentReader& operator=(const ContentReader&) = delete;
  ~ContentReader();

  // The next piece of the current file, valid until the next call; nullopt once after each file's
  // last piece. Errors end the reader: EILSEQ for content with a wrong hash, ESTALE for a file that
  // changed, ECANCELED once a stop is requested.
  [[nodiscard]] Result<std::optional<std::span<const char>>> next();

 private:
  struct ReadPiece {
    std::vector<char> bytes{};
    bool ends_file = false;  // without bytes: the file was proven
    std::optional<Error> error{};
  };

  void run();
  [[nodiscard]] Result<void> read_member(const ExportMember& member, os::ReadBuffer& buffer);
  [[nodiscard]] Result<void> hand_out(ReadPiece piece);
  [[nodiscard]] std::vector<char> empty_piece();

  const std::vector<const ExportMember*> members_;
  const ContentOpener open_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<ReadPiece> ready_;
  std::vector<std::vector<char>> free_;
  ReadPiece current_;
  bool closed_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace hfaudit
