// The consequence of a request that ended before its range was complete. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "download/answer.hpp"
#include "download/transfer.hpp"

namespace hfaudit {

struct EndedRequest {
  std::optional<AnswerVerdict> verdict;  // nullopt without an answer
  std::optional<http::Failure> failure;  // of the transport
  http::Response refusal;                // status and headers where the verdict is refused or waits
  std::uint64_t gained = 0;              // new bytes
  bool of_hub = true;                    // else a CDN answered
  std::string host;                      // of the request, for messages
  bool with_token = false;
  bool another_runs = false;     // for the same range: it may still deliver the bytes
  bool file_is_failing = false;  // requests for the file failed before, without a byte since,
  unsigned failures = 0;         // so often
};

struct RequestOutcome {
  enum class Step : std::uint8_t {
    request_again,  // at once, the missing part
    count_failure,  // and request again after a pause, or give the file up
    give_up,        // this file
    stop            // all files
  };
  Step step = Step::request_again;
  TransferEnd end = TransferEnd::network_error;  // give_up, stop
  std::string cause;
  HubErrorKind hub = HubErrorKind::unreachable;
  // the server asks for a delay; of a result only where all files stop
  std::optional<double> retry_after_s;
  std::optional<double> hub_quiet_s;  // the Hub gets no requests for so long, for any file
  bool forget_content = false;        // the Hub is asked again for the location of the content
  bool forget_validator = false;
  bool drop_token = false;

  [[nodiscard]] TransferResult verdict() const;
};

[[nodiscard]] RequestOutcome judge_request_end(const EndedRequest& request, const TransferHub& hub);

}  // namespace hfaudit
