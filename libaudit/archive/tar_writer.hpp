// A tar archive in the pax format, written member by member to a stream.
//
// The same members give the same bytes: owner 0:0 without names, mode 0644, and a fixed time.
// Members for folders are left out, since extracting one would change an existing folder, and every
// tar makes the folders that it needs.
//
// An archive is complete only after finish(). Without it the end-of-archive marker is missing, and
// the last bytes make every extractor fail: inside a member the stream ends early; between two
// members an extended header follows that is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"

namespace hfaudit {

class TarWriter {
 public:
  using TarSink = std::function<Result<void>(std::string_view)>;

  // `sink` takes the archive's bytes, in order. Errors: libarchive is missing.
  [[nodiscard]] static Result<TarWriter> begin(TarSink sink);
  TarWriter(TarWriter&& other) noexcept;
  TarWriter& operator=(TarWriter&& other) = delete;
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;
  // Without finish() the output stays an incomplete archive.
  ~TarWriter();

  // Paths and targets are bytes in any encoding.
  [[nodiscard]] Result<void> add_link(const std::string& path, const std::string& target);
  [[nodiscard]] Result<void> begin_file(const std::string& path, std::uint64_t size);
  // In all exactly `size` bytes before end_file().
  [[nodiscard]] Result<void> add_bytes(std::span<const char> bytes);
  [[nodiscard]] Result<void> end_file();

  [[nodiscard]] Result<void> finish();
  // Ends the archive as an incomplete one. `why`, in one line, is written at its end.
  void abandon(std::string_view why);

 private:
  struct State;
  explicit TarWriter(std::unique_ptr<State> state);
  [[nodiscard]] Result<void> write_header(const std::string& path, const std::string* target,
                                          std::uint64_t size);

  std::unique_ptr<State> state_;
};

}  // namespace hfaudit
