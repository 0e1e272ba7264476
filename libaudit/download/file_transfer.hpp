// The state of a file that is being downloaded: its ranges, the requests that run for them, its
// writer.
#pragma once

#include <memory>
#include <vector>

#include "download/file_retry.hpp"
#include "download/file_writer.hpp"
#include "download/mirrors.hpp"
#include "download/range_buffer.hpp"
#include "download/range_stream.hpp"
#include "download/stall_detector.hpp"

namespace hfaudit {

struct FileTransfer {
  FileTransfer(std::size_t n, const TransferJob& j, Buffers& buffers)
      : number(n), job(j), buffer(j.size, buffers), mirrors(j.mirrors) {}

  [[nodiscard]] bool given_up() const { return verdict.has_value(); }
  [[nodiscard]] bool is_receiving() const { return writer && open && !given_up(); }
  // Requests that run, without hedges and those that have one.
  [[nodiscard]] std::size_t running() const;
  [[nodiscard]] std::size_t stalled() const;  // of them, silent for long
  [[nodiscard]] RangeActivity activity_of(const Range& range) const;
  // Requests by source of a mirror.
  [[nodiscard]] std::vector<std::size_t> running_by_source() const;
  // The sources with a request for this range.
  [[nodiscard]] std::vector<std::size_t> sources_of(const Range& range) const;

  // A range at the file's beginning, or after a single one; `connections`: of the engine, `files`:
  // that run.
  Range& add_range(std::size_t connections, std::size_t files);
  // Whether a range can be requested besides those that run. A long one of a single connection is
  // cut short.
  [[nodiscard]] bool make_room(std::size_t connections);
  // The Hub redirected `stream` to the content.
  void note_content(const RangeStream& stream);
  // Unless another request has found it meanwhile.
  void forget_content(const RangeStream& stream);
  // Everything from the disk's end on is requested anew.
  void restart_content();

  void cancel_streams(http::Multi& multi);
  void cancel_streams_of(const Range& range, http::Multi& multi);
  // the oldest; two requests run for the range
  void cancel_hedge(const Range& range, http::Multi& multi);
  // Requests for complete ranges end: the one with the last byte has won.
  void finish_ranges(http::Multi& multi);

  std::size_t number;
  const TransferJob& job;
  RangeBuffer buffer;
  Mirrors mirrors;
  bool resumed = false;  // some of its content is of an earlier run
  std::unique_ptr<FileWriter> writer;
  std::vector<std::unique_ptr<RangeStream>> streams;
  bool open = false;  // the writer wants bytes
  // the target of the Hub's redirect; until known, one request runs at a time
  std::optional<Url> content;
  TokenUse content_token = TokenUse::omit;
  std::string validator;                          // RequestedRange::validator
  bool whole_only = false;                        // the server ignores ranges
  ConnectionUse connection = ConnectionUse::any;  // fresh: open ones have delivered wrong bytes
  std::uint64_t solo = 0;                         // length of the last range of a single connection
  FileRetry retry;
  std::optional<TransferResult> verdict;  // set when it is given up: why
};

}  // namespace hfaudit
