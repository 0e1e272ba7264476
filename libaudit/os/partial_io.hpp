// Reading and writing at an offset, for files that grow.
#pragma once

#include <cstdint>
#include <span>

#include "base/file_info.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// All of it, or an error; `written` is the number of bytes that are there in either case.
[[nodiscard]] Result<void> write_at(int fd, std::uint64_t offset, std::span<const char> bytes,
                                    std::size_t& written);
// From now on the file is written past the page cache (O_DIRECT), or through it again. false: it
// cannot be, here.
[[nodiscard]] bool set_direct(int fd, bool direct);
// As much as there is, up to all of `into`.
[[nodiscard]] Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into);
// Copies the first `bytes` of a file into an empty one, sharing blocks where the file system can.
// Returns how many bytes were copied: fewer where the disk is full or the source has shrunk.
[[nodiscard]] std::uint64_t clone_content(const File& source, int into, std::uint64_t bytes);
// The empty file gets the source's content by sharing its blocks (FICLONE). false: unsupported
// between these two files, which are unchanged.
[[nodiscard]] bool share_blocks(const File& source, int into);
// The file ends here: cut off, or filled up with a hole.
[[nodiscard]] Result<void> set_length(int fd, std::uint64_t length);
// Asks the system to bring this part to the disk soon, so that a later fsync is short.
void begin_writeback(int fd, std::uint64_t offset, std::uint64_t length);

// The identity of the file; all zeros where the system fails.
[[nodiscard]] FileKey key_of(int fd);

// Errors of a disk that is full, or full for this user.
[[nodiscard]] bool is_full(const Error& error);

}  // namespace hfaudit::os
