// The download engine: many files at once, many ranges of each, hashed on the way to the disk.
//
// The caller's thread moves the network; a thread for each running file hashes and writes. A file
// on disk is always a prefix of its content: data that arrives early waits in memory, 128 MiB at
// most for all files. A file is renamed only after its digest is right.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/content.hpp"
#include "download/partial_file.hpp"
#include "http/url.hpp"
#include "hub/endpoint.hpp"
#include "hub/hub_error.hpp"
#include "hub/token.hpp"

namespace hfaudit {

struct TransferJob {
  std::string path;  // in the repo
  std::uint64_t size = 0;
  std::string etag;  // by the listing
  HashKind kind = HashKind::sha256;
  std::string hex;           // the expected hash, lower case
  std::uint64_t prefix = 0;  // for progress: bytes that are there before it is begun
  // By source: where its copy of the content may be, best first. Of all jobs as many sources, in
  // the same order; empty: that one cannot have it.
  std::vector<std::vector<Url>> mirrors{};
};

// The servers and their credentials.
struct TransferHub {
  HubSettings settings;
  Token token;  // empty if it is missing or refused by the Hub
  RepoId repo;
  std::string commit;
  bool may_be_asked = true;              // false: content comes from mirrors alone
  std::optional<http::SshAccess> ssh{};  // for mirrors
};

enum class TransferEnd : std::uint8_t {
  open,           // unfinished: interrupted, or stopped by another file's disk_full
  complete,       // it has its name
  present,        // another process completed it
  busy,           // another process is downloading it
  network_error,  // the network: to be tried again later
  refused,        // a refusal of the Hub, or it sends other content than it lists
  wrong,          // it came whole and hashed to something else, twice
  disk_full,      // the disk or the quota is full
  disk_error      // writing this file failed
};

struct TransferResult {
  TransferEnd end = TransferEnd::open;
  std::string cause;                             // a sentence; empty where all is well
  HubErrorKind hub = HubErrorKind::unreachable;  // network_error, refused
  Holder holder;                                 // busy
  std::optional<double> retry_after_s;  // network_error: the delay that the server asks for
  FileState state;                      // complete
  bool ours = false;                    // complete: the file is the one that was hashed here
  std::vector<std::array<std::uint32_t, 8>> chain;  // ours: as ContentRead::chain
  std::uint64_t on_disk = 0;                        // bytes
  std::uint64_t gained = 0;                         // bytes that this run put on disk
  std::vector<std::uint64_t> from_mirrors{};        // by source: bytes that were new, of `gained`
};

// Where the files go. begin() is called from several threads, for different jobs.
class TransferTarget {
 public:
  virtual ~TransferTarget() = default;
  [[nodiscard]] virtual Result<BeginResult> begin(std::size_t job) = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> free_bytes() = 0;
};

struct TransferLimits {
  unsigned connections = 16;
  unsigned files_at_once = 8;
  unsigned idle_timeout_s = 300;
  std::uint64_t max_rate = 0;  // bytes per second in all; 0: unlimited
  unsigned tries = 4;  // of a file, one after the other without a byte, a second or so apart
  bool ipv4_only = false;
  std::stop_token stop;
};

struct TransferProgress {
  std::uint64_t received = 0;          // over the network
  std::vector<std::uint64_t> on_disk;  // by job
  std::vector<bool> complete;          // by job: the file has its name
  std::vector<std::size_t> running;    // jobs
  double waits_s = 0;                  // the Hub has asked us to wait for so long
};

// Returns when every job has its end, or soon after it was interrupted. `tick` is called ten times
// a second.
[[nodiscard]] std::vector<TransferResult> transfer_all(
    const std::vector<TransferJob>& jobs, TransferTarget& destination, const TransferHub& hub,
    const TransferLimits& limits, const std::function<void(const TransferProgress&)>& tick);

}  // namespace hfaudit
