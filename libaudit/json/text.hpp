// JSON as it comes out of a file: read in pieces, bounded, and in the dialect that Python's json
// reads.
//
// nlohmann's lexer keeps whole tokens and all white space before them, treats a NUL as the end,
// ignores a byte order mark, and lacks NaN. Here, on the way to it: runs of white space become one
// space, NaN and Infinity a plain number, a NUL or a byte order mark an error, and a token that is
// too long ends the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"

namespace hfaudit {

class JsonText {
 public:
  // The `length` bytes of `source` from `begin` on. Each token, string or run without strings, is
  // limited to `longest_token` bytes.
  JsonText(ByteSource& source, std::uint64_t begin, std::uint64_t length, std::size_t longest_token)
      : source_(source), offset_(begin), rest_(length), longest_token_(longest_token) {}

  [[nodiscard]] bool at_end() { return next_ == clean_.size() && !refill(); }
  [[nodiscard]] char peek() const { return clean_[next_]; }
  void advance() { ++next_; }

  // Why the text ended before its end, where it did.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] bool token_too_long() const { return token_too_long_; }

 private:
  bool refill();
  bool read_piece();
  void clean();
  std::size_t clean_string(std::string_view piece);
  void clean_outside(char c);
  void match_constant(char c);
  void put(char c) { clean_.push_back(last_ = c); }

  ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t rest_;
  std::size_t longest_token_;
  std::vector<char> piece_;
  std::string clean_;
  std::size_t next_ = 0;
  std::optional<Error> error_;

  // Where the cleaning is; survives from piece to piece.
  bool in_string_ = false;
  bool escaped_ = false;
  bool token_too_long_ = false;
  char last_ = '\0';
  std::string_view constant_;  // the rest of a NaN or Infinity
  std::size_t token_ = 0;
};

// The iterator of nlohmann's parser; two of them make a range, the second default-constructed.
class JsonTextIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  JsonTextIterator() = default;
  explicit JsonTextIterator(JsonText& text) : text_(&text) {}

  [[nodiscard]] char operator*() const { return text_->peek(); }
  JsonTextIterator& operator++() {
    text_->advance();
    return *this;
  }
  [[nodiscard]] bool operator==(const JsonTextIterator& other) const {
    return done() == other.done();
  }
  [[nodiscard]] bool operator!=(const JsonTextIterator& other) const { return !(*this == other); }

 private:
  [[nodiscard]] bool done() const { return text_ == nullptr || text_->at_end(); }

  JsonText* text_ = nullptr;
};

}  // namespace hfaudit
