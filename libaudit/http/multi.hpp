// Many HTTP requests at once on one thread, their bodies passed on as they come: libcurl's multi
// interface.
//
// The rules of http/session.hpp hold: redirects are left to the caller, certificates are verified,
// errors are free of secrets. Connections are kept and used again. HTTP/1.1 only: each range of a
// file shall have a connection of its own.
#pragma once

#include <chrono>
#include <memory>

#include "http/messages.hpp"

namespace hfaudit::http {

class Multi {
 public:
  using Id = std::size_t;  // at least 1

  // Errors: libcurl is missing.
  [[nodiscard]] static Expected<std::unique_ptr<Multi>> create(Options options);
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // `receiver` is borrowed until done() or cancel(). Body bytes beyond `request.most_bytes` are
  // accepted here: the receiver decides when it has enough.
  [[nodiscard]] Id start(Request request, Receiver& receiver);
  // Ends all calls to the receiver.
  void cancel(Id id);
  void resume(Id id);
  // Moves bytes, calls receivers; waits at most so long for something to happen. Returns how long
  // it waited.
  std::chrono::nanoseconds turn(std::chrono::milliseconds most);
  // Ends the wait of turn(); from any thread.
  void wake();
  [[nodiscard]] std::size_t running() const;

 private:
  class State;
  explicit Multi(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hfaudit::http
