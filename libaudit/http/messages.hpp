// Requests, responses, and the errors in place of a response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit::http {

struct Header {
  std::string name;
  std::string value;
};

struct Headers {
  std::vector<Header> list;  // in the order of the answer

  // The first of this name, in any case.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
};

struct Request {
  std::string method = "GET";  // or "HEAD", "POST", "PUT"
  std::string url;             // http or https
  std::vector<Header> headers;
  std::string body;  // of a POST or PUT
  unsigned connect_timeout_s = 10;
  unsigned idle_timeout_s = 10;                            // without a single byte
  unsigned total_timeout_s = 0;                            // 0: as long as bytes come
  std::size_t most_bytes = std::size_t{16} * 1024 * 1024;  // of the body
  bool fresh_connection = false;                           // ignore open connections
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// The reason why an answer is missing.
enum class ErrorKind {
  host_not_found,
  no_connection,  // refused, unreachable, or too slow
  timed_out,      // connected, and no byte within the limit
  broken,         // the connection broke off, or the answer is invalid HTTP
  tls,
  too_large,
  bad_request,  // an unsafe or invalid URL
  interrupted,
  no_library
};

// Whether it may go away by itself.
[[nodiscard]] bool is_transient(ErrorKind kind);

struct Failure {
  ErrorKind kind = ErrorKind::broken;
  Error error;  // its subject is the URL without query and credentials
};

template <class T>
using Expected = tl::expected<T, Failure>;

// Requests that are refused locally: schemes other than http or https (or sftp, if allowed), line
// breaks in a header. nullopt: fine.
[[nodiscard]] std::optional<Failure> refuse(const Request& request, bool may_be_sftp = false);

// How a server is asked by sftp: with the user's own keys, and only where it is known by its key.
struct SshAccess {
  std::string user;         // where the URL omits it
  std::string known_hosts;  // a file
  std::string private_key;  // a file; empty: the agent's alone
};

struct Options {
  std::string user_agent;
  std::string ca_bundle;  // a file or a folder; empty: the system's
  bool ipv4_only = false;
  std::optional<SshAccess> ssh{};  // nullopt: sftp is refused
};

enum class Take : std::uint8_t {
  all,    // the bytes were taken
  pause,  // left for later; they come again after resume()
  stop,   // refused, like all further ones: the exchange ends, with ErrorKind::interrupted
};

// The receiver of the data. Called from Multi::turn() alone, and may there call anything of Multi
// but turn().
class Receiver {
 public:
  virtual ~Receiver() = default;
  // The answer's head is complete. false: the body is unwanted; the exchange ends as after
  // Take::stop.
  [[nodiscard]] virtual bool head(int status, const Headers& headers) = 0;
  [[nodiscard]] virtual Take body(std::span<const char> bytes) = 0;
  // The end; the last call. The status, or the reason of the failure.
  virtual void done(Expected<int> status) = 0;
};

}  // namespace hfaudit::http
