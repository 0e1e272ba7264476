// A stream on standard output, for a reader that may be slower than the writer.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// Where standard output is a pipe, it is opened a second time, without blocking: so a stop request
// ends the wait for a reader that has stopped to read, and other holders of the pipe keep their
// blocking one. For other files a write blocks.
class StreamOutput {
 public:
  explicit StreamOutput(const std::stop_token& stop);
  StreamOutput(const StreamOutput&) = delete;
  StreamOutput& operator=(const StreamOutput&) = delete;
  ~StreamOutput();

  // Small pieces are collected. Errors: EPIPE where no reader is left; ECANCELED after a stop.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  // All of it has reached the system.
  [[nodiscard]] Result<void> flush();

 private:
  [[nodiscard]] Result<void> put(std::string_view bytes);

  std::stop_token stop_;
  int own_ = -1;  // the second descriptor; -1: there is none
  int fd_;
  std::string buffer_;
};

}  // namespace hfaudit::os
