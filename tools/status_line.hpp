// What a command is waiting for, on a terminal, while nothing else is displayed:
// "asking the Hub, 4 s". A server that accepts a connection and stays silent, or a slow disk, would
// leave the terminal empty otherwise.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "hfaudit/audit.hpp"

namespace hfaudit::cli {

// Appears after a second, and ends with the object or with the first end_status(). One at a time.
class StatusLine {
 public:
  // `silent`, or standard error is no terminal: nothing. An empty text is left out, too.
  // With the `progress` of an audit of several repos: "scanning, 1,234 of 10,000 repos, 4 s".
  StatusLine(bool silent, std::string_view text,
             std::shared_ptr<const AuditProgress> progress = {});
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine();

 private:
  void run();

  const std::shared_ptr<const AuditProgress> progress_;
  std::condition_variable ended_;
  std::thread thread_;
};

// From any thread: the command waits for something else now.
void set_status(std::string_view text);
// Something else is about to be written to the terminal.
void end_status();

}  // namespace hfaudit::cli
