// HTTP requests over libcurl: small bodies and answers, sent and read as a whole.
//
// The server is untrusted: headers and body are bounded. Redirects are left to the caller, who
// decides where the credentials go; certificates are verified, and errors are free of headers,
// passwords and queries. Proxies are taken from the usual variables: http_proxy, https_proxy,
// ALL_PROXY, no_proxy.
#pragma once

#include <memory>
#include <stop_token>

#include "http/messages.hpp"

namespace hfaudit::http {

// Keeps its connections open from one request to the next. For one thread at a time.
class Session {
 public:
  explicit Session(Options options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Any answer is a Response, regardless of its status. Ends within a second once `interrupted` is
  // set.
  [[nodiscard]] Expected<Response> perform(const Request& request,
                                           const std::stop_token& stop = {});

 private:
  class Connections;
  Options options_;
  std::unique_ptr<Connections> connections_;
};

}  // namespace hfaudit::http
