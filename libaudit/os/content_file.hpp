// Reading a whole file from beginning to end, to hash it: as fast as the disk, and leaving the page cache as it was
// found, so that to verify 200 GB does not throw out the model that is being served.
//
// What lies in the page cache is read from there. The rest is read past it (O_DIRECT). Where that cannot be done
// (FUSE, some encrypted mounts) it is read through it, and what was not there before is dropped from it again.
// Linux answers what is cached only about files that we own or may write; of others we read everything past the
// cache.
//
// A file is for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// Memory that a disk can write to: aligned as O_DIRECT wants it.
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t bytes);
  [[nodiscard]] std::span<char> bytes() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* memory) const;
  };
  std::unique_ptr<char, Free> memory_;
  std::size_t size_;
};

class ContentFile {
 public:
  // How much is read at once, in bytes: what lies in memory already in pieces that stay in a core's own cache.
  static constexpr std::size_t cached_piece = std::size_t{128} << 10;
  static constexpr std::size_t disk_piece = std::size_t{1} << 20;

  explicit ContentFile(std::unique_ptr<File> file);

  [[nodiscard]] std::uint64_t position() const { return position_; }
  // Does the next piece lie in the page cache, so that reading it waits for no disk?
  [[nodiscard]] bool is_cached();
  // The next piece, into `buffer` (of disk_piece bytes); empty at the end of the file. After an error position() is
  // where the disk failed, as exactly as it says.
  [[nodiscard]] Result<std::span<const char>> read(ReadBuffer& buffer);
  // Is it, by size and times, the file that was opened?
  [[nodiscard]] bool is_unchanged() const;
  [[nodiscard]] const Meta& meta() const { return meta_; }

 private:
  enum class Cached : std::uint8_t { all, none, some, unknown };
  [[nodiscard]] Cached look(std::uint64_t offset, std::uint64_t length) const;
  void look_ahead();
  [[nodiscard]] bool set_direct(bool direct);
  [[nodiscard]] Result<std::size_t> read_pagewise(std::span<char> into);

  std::unique_ptr<File> file_;
  Meta meta_;
  std::int64_t changed_ns_ = 0;  // ctime
  std::uint64_t position_ = 0;
  std::uint64_t looked_until_ = 0;  // what `cached_` is about ends here
  Cached cached_ = Cached::unknown;
  bool may_ask_ = false;
  bool can_direct_ = true, direct_ = false;
};

}  // namespace hfaudit::os
