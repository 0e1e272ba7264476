// Many HTTP requests at once on one thread, their bodies handed on as they come: libcurl's multi
// interface.
//
// The rules of http/session.hpp hold: no redirects, verified certificates, no secrets in errors.
// Connections are kept and used again. HTTP/1.1 only: ranges of one file shall have a connection
// each, and not share one.
#pragma once

#include <chrono>
#include <memory>

#include "http/messages.hpp"

namespace hfaudit::http {

class Multi {
 public:
  using Id = std::size_t;  // never 0

  // Errors: no libcurl.
  [[nodiscard]] static Expected<std::unique_ptr<Multi>> create(Options options);
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // `receiver` is borrowed until done() or cancel(). Body bytes beyond `request.most_bytes` are no
  // error here: the receiver says when it has enough.
  [[nodiscard]] Id start(Request request, Receiver& receiver);
  // The receiver hears no more of it.
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
