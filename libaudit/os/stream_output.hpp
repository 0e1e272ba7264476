// A stream for a reader that may be slower than the writer: standard output, a FIFO, a device.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// A stop request ends the wait for a reader. A pipe or terminal is opened a second time for that,
// without blocking, so that other holders of it keep their blocking descriptor.
//
// The end of the data tells a reader that it is incomplete, so it is worth waiting for: after a
// stop request a reader that is only slow has some time left to accept it.
class StreamOutput {
 public:
  [[nodiscard]] static StreamOutput standard(const std::stop_token& stop);
  // nullopt: `path` is a regular file, or absent; os::OutputFile writes those. A FIFO is opened
  // once it has a reader. Errors: ECANCELED after a stop; as OutputFile::create().
  [[nodiscard]] static Result<std::optional<StreamOutput>> open(const std::string& path,
                                                                const std::stop_token& stop);
  StreamOutput(StreamOutput&& other) noexcept;
  StreamOutput& operator=(StreamOutput&&) = delete;
  StreamOutput(const StreamOutput&) = delete;
  StreamOutput& operator=(const StreamOutput&) = delete;
  ~StreamOutput();

  // Small pieces are collected. Errors: EPIPE where all readers are gone; ECANCELED after a stop.
  // After an error writing stops for good.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  // All of it has reached the system.
  [[nodiscard]] Result<void> flush();

 private:
  // How to write without waiting for the reader: by the descriptor's own mode, by send(2), or a
  // page whenever poll(2) reports room. `blocks`: it cannot be avoided.
  enum class Mode : std::uint8_t { non_blocking, socket, polled, blocks };

  StreamOutput(int fd, Mode mode, std::string name, const std::stop_token& stop);
  // Takes `fd`.
  [[nodiscard]] static StreamOutput of_descriptor(int fd, const std::string& name,
                                                  const std::stop_token& stop);
  [[nodiscard]] Result<void> put(std::string_view bytes);
  [[nodiscard]] std::int64_t put_some(std::string_view bytes) const;
  [[nodiscard]] bool is_overdue();

  int fd_;  // owned
  Mode mode_;
  std::string name_;
  std::stop_token stop_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // once a stop was requested
  std::string buffer_;
  Result<void> state_;  // the first error
};

}  // namespace hfaudit::os
