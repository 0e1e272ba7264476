// Many HTTP requests at once on one thread, their bodies handed on as they come: libcurl's multi interface.
//
// The rules of http/session.hpp hold: no redirects, verified certificates, no secrets in errors. Connections are
// kept and used again. HTTP/1.1 only: ranges of one file shall have a connection each, and not share one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "http/session.hpp"

namespace hfaudit::http {

enum class Take : std::uint8_t {
  all,    // the bytes were taken
  pause,  // none was; they come again after resume()
  stop,   // none was, and no more are wanted: the exchange ends, with Trouble::interrupted
};

// Who gets what arrives. Called from Multi::turn() alone, and may there call anything of Multi but turn().
class Receiver {
 public:
  virtual ~Receiver() = default;
  // The answer's head is complete. false: the body is not wanted; the exchange ends as after Take::stop.
  [[nodiscard]] virtual bool head(int status, const Headers& headers) = 0;
  [[nodiscard]] virtual Take body(std::span<const char> bytes) = 0;
  // The end; the last call. The status, or why there is none, or why it broke off.
  virtual void done(Expected<int> status) = 0;
};

class Multi {
 public:
  using Id = std::size_t;  // never 0

  // Errors: no libcurl.
  [[nodiscard]] static Expected<std::unique_ptr<Multi>> create(Options options);
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // `receiver` is borrowed until done() or cancel(). Body bytes beyond `request.most_bytes` are no error here: the
  // receiver says when it has enough.
  [[nodiscard]] Id start(Request request, Receiver& receiver);
  // The receiver hears no more of it.
  void cancel(Id id);
  void resume(Id id);
  // Moves bytes, calls receivers; waits at most so long for something to happen. Returns how long it waited.
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
