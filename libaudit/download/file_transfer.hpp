// What the engine knows of a file that is being downloaded.
#pragma once

#include <memory>
#include <vector>

#include "download/file_writer.hpp"
#include "download/range_buffer.hpp"
#include "download/range_stream.hpp"

namespace hfaudit {

struct FileTransfer {
  FileTransfer(std::size_t n, const TransferJob& j, Buffers& buffers)
      : number(n), job(j), buffer(j.size, buffers) {}

  std::size_t number;
  const TransferJob& job;
  RangeBuffer buffer;
  std::unique_ptr<FileWriter> writer;
  std::vector<std::unique_ptr<RangeStream>> streams;
  bool open = false;           // the writer wants bytes
  std::optional<Url> content;  // where the Hub sends those who ask for it; until known, one asks at a time
  bool content_with_token = false;
  std::string validator;             // AskedRange::validator
  bool whole_only = false;           // ranges are ignored there
  bool fresh = false;                // no connection that is open already: what came over them was wrong
  std::uint64_t solo_length = 0;     // of the next range while one stream is enough
  unsigned failures = 0;             // one after the other without a byte
  TransferClock::time_point failed;  // the last of them
  TransferClock::time_point not_before;
  std::optional<TransferResult> verdict;  // it is given up: why

  [[nodiscard]] bool given_up() const { return verdict.has_value(); }
};

}  // namespace hfaudit
