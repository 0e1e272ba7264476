// The other servers that may have a file: which of them gets the next request, and which is
// dropped. Pure.
//
// A mirror is one of the sources of the user, with its own copy of the content. As long as one is
// usable the Hub gets no requests. One that lacks the file, sends another, or breaks off without a
// byte is dropped for this file; one that never answers, or stalls again and again, for all files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "download/answer.hpp"
#include "http/url.hpp"

namespace hfaudit {

// The state of a source over all files.
struct MirrorHealth {
  unsigned stalls = 0;
  bool down = false;
  std::string cause;  // why it is down
};

// Why a request to a mirror ended before its range was complete.
struct EndedMirrorRequest {
  std::optional<AnswerVerdict> verdict;  // nullopt without an answer
  std::uint64_t gained = 0;              // new bytes
  std::string cause;                     // of the transport's failure; else empty
};

// The mirrors of one file, by source.
class Mirrors {
 public:
  Mirrors() = default;
  explicit Mirrors(const std::vector<std::vector<Url>>& urls);

  [[nodiscard]] std::size_t count() const { return mirrors_.size(); }
  // The source for the next request: of the usable ones that with the fewest requests (`running`,
  // by source); those of `avoid` only if the others are dropped. A server without ranges comes
  // last. nullopt: all are dropped.
  [[nodiscard]] std::optional<std::size_t> pick(const std::vector<MirrorHealth>& health,
                                                const std::vector<std::size_t>& running,
                                                const std::vector<std::size_t>& avoid) const;
  [[nodiscard]] bool any(const std::vector<MirrorHealth>& health) const;
  [[nodiscard]] const Url& url(std::size_t source) const;
  // RequestedRange::validator for this source.
  [[nodiscard]] std::string& validator(std::size_t source) { return mirrors_[source].validator; }

  // The consequence of the end of a request. true: the mirror stays in use.
  bool note_end(std::size_t source, const EndedMirrorRequest& request, MirrorHealth& health);
  // It sends the file from its beginning for every range. true: all remaining mirrors are known to
  // do the same, so that this answer is useful.
  [[nodiscard]] bool accept_whole(std::size_t source, const std::vector<MirrorHealth>& health);
  void note_bytes(std::size_t source, std::uint64_t bytes);
  // The whole file has arrived, and hashes to something else. The mirror that gave bytes is
  // dropped. Of several each gets the requests alone from now on, one after the other, and then the
  // rest.
  void note_wrong_content();
  [[nodiscard]] std::vector<std::uint64_t> bytes() const;
  [[nodiscard]] const std::string& cause() const { return cause_; }  // of the last failure

 private:
  struct Mirror {
    std::vector<Url> urls;
    std::size_t at = 0;  // of urls
    unsigned failures = 0;
    bool whole_only = false;
    bool suspect = false;  // one of several that gave bytes of wrong content
    bool gave = false;     // bytes, since the file was begun anew
    std::uint64_t bytes = 0;
    std::string validator;

    [[nodiscard]] bool is_left() const { return at < urls.size(); }
  };

  [[nodiscard]] bool is_of_use(std::size_t source, const std::vector<MirrorHealth>& health) const;
  void drop(std::size_t source) { mirrors_[source].at = mirrors_[source].urls.size(); }

  std::vector<Mirror> mirrors_;
  std::optional<std::size_t> alone_;  // after wrong content: the only one in use
  std::string cause_;
};

}  // namespace hfaudit
