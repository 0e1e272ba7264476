// Reading a whole file from beginning to end, to hash it: as fast as the disk, and leaving the page
// cache as it was found, so that the model that is being served stays cached while 200 GB are
// verified.
//
// Cached pages are read from the page cache, the rest past it (O_DIRECT). Where O_DIRECT fails
// (FUSE, some encrypted mounts) the rest is read through the cache, and its pages are dropped
// again. Linux reports cached pages only for files that we own or may write; all others are read
// past the cache.
//
// A file is for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "hfaudit/result.hpp"
#include "os/fs.hpp"
#include "os/read_buffer.hpp"

namespace hfaudit::os {

// What the caller does after the piece that it requests.
enum class AfterRead : std::uint8_t { continues, pauses };

class ContentFile {
 public:
  explicit ContentFile(std::unique_ptr<File> file);
  // A part of it, whose ends lie on pages; the second one may be the end of the file.
  ContentFile(std::unique_ptr<File> file, std::uint64_t from, std::uint64_t end);

  [[nodiscard]] std::uint64_t position() const { return position_; }
  // Does the next piece lie in the page cache, so that reading it is free of disk waits?
  [[nodiscard]] bool is_cached();
  // The next piece, of about `most` bytes, into `buffer`; empty at its end. After an error
  // position() is where the disk failed, as exactly as it reports. AfterRead::continues: the caller
  // reads the piece after it next, with the same buffer, so that it may come from the disk
  // meanwhile.
  [[nodiscard]] Result<std::span<const char>> read(ReadBuffer& buffer, std::size_t most,
                                                   AfterRead after);
  // Has the next piece come from the disk meanwhile, where that can be done: read() is to follow,
  // with the same buffer and `most`.
  void read_ahead(ReadBuffer& buffer, std::size_t most);
  // Is it, by size and times, the file that was opened?
  [[nodiscard]] bool is_unchanged() const;
  [[nodiscard]] const FileInfo& meta() const { return meta_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  // Between two reads, without a pending one. `end` lies behind position().
  void set_end(std::uint64_t end);
  // The same file, opened once more for the part [from, end).
  [[nodiscard]] Result<ContentFile> open_part(std::uint64_t from, std::uint64_t end) const;

 private:
  enum class Cached : std::uint8_t { all, none, some, unknown };
  [[nodiscard]] Cached inspect(std::uint64_t offset, std::uint64_t length) const;
  void look_ahead();
  [[nodiscard]] bool set_direct(bool direct);
  [[nodiscard]] std::size_t next_length(const ReadBuffer& buffer, std::size_t most) const;
  [[nodiscard]] bool may_read_direct();
  [[nodiscard]] std::optional<ssize_t> read_direct(ReadBuffer& buffer, std::size_t length);
  [[nodiscard]] ssize_t read_through(std::span<char> into);
  [[nodiscard]] Result<std::size_t> read_pagewise(std::span<char> into);

  std::unique_ptr<File> file_;
  FileInfo meta_;  // when it was opened
  bool may_query_;
  std::uint64_t position_ = 0, end_;
  std::uint64_t checked_until_ = 0;  // end of the range of `cached_`
  Cached cached_ = Cached::unknown;
  bool can_direct_ = true, direct_ = false;
  bool readahead_off_ = false;
};

}  // namespace hfaudit::os
