// Where reports go: the terminal, and files that are whole or absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"
#include "os/root_path.hpp"

namespace hfaudit::os {

inline constexpr int standard_output = 1;
inline constexpr int standard_error = 2;

// If the program was started without standard input, output or error, their numbers stay reserved,
// so that printed text stays out of files and connections that were opened since. Reading and
// writing them still fails.
void keep_standard_descriptors();

// Whether the descriptor is a terminal, and how many columns and rows it has (0: unknown, or
// another kind of file).
[[nodiscard]] bool is_terminal(int fd);
[[nodiscard]] unsigned terminal_columns(int fd);
[[nodiscard]] unsigned terminal_rows(int fd);

// The descriptor that a name such as /dev/stdout, /dev/fd/3 or /proc/self/fd/3 stands for. Behind
// it may be a pipe, which lacks a path.
[[nodiscard]] std::optional<int> descriptor_named_by(std::string_view path);

// Does the file `path`, which may be absent, lie in the folder, or anywhere below it? Links are
// followed.
[[nodiscard]] bool lies_within(const std::string& path, const std::string& folder);

// Whether both paths lead to one file, which may be absent. Links are followed.
[[nodiscard]] bool is_same_file(const std::string& a, const std::string& b);

// Progress, which must leave the work undelayed: bytes that a full pipe or a stopped terminal
// refuses are dropped.
void write_if_ready(int fd, std::string_view text);

// Bytes on their way to a descriptor, buffered. The first failure is kept, and later bytes are
// dropped.
class Writer {
 public:
  Writer(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  void write(std::string_view bytes);
  // Passes everything written so far to the system. Errors: those of write(2).
  [[nodiscard]] Result<void> flush();

 private:
  void drain();
  void put(std::string_view bytes);

  int fd_;
  std::string name_;
  std::string buffer_;
  Result<void> state_;
};

// A file that takes the place of `path` in one step: written under another name beside it, synced,
// renamed. Where `path` is a link, the file it leads to is replaced, unless this process is root
// and the link another user's (os/root_path); where it is a device or a FIFO, it is written to as
// it is. Destroyed before commit(), it leaves `path` unchanged and removes the new file.
class OutputFile {
 public:
  // `mode`: of the file, regardless of the umask and its earlier mode; nullopt: as any file.
  [[nodiscard]] static Result<OutputFile> create(const std::string& path,
                                                 std::optional<unsigned> mode = std::nullopt);

  // For root, which will be another user at the time of writing: opened now and written in place.
  // Only in a folder that root alone may write; nullopt elsewhere, where that user's own rights
  // decide later. `mode` as in create().
  [[nodiscard]] static std::optional<OutputFile> open_as_root(
      const std::string& path, std::optional<unsigned> mode = std::nullopt);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::string_view bytes) { writer_.write(bytes); }
  // For callers that write much and want to detect a full disk early.
  [[nodiscard]] Result<void> flush() { return writer_.flush(); }
  [[nodiscard]] Result<void> commit();

 private:
  OutputFile(int fd, std::string path, std::string temporary, PathHandle folder);

  int fd_;
  std::string path_;
  std::string temporary_;  // its name in `folder_`; empty where `path_` is written to directly
  PathHandle folder_;      // that `path_` lies in
  Writer writer_;
};

}  // namespace hfaudit::os
