#include "json/plain.hpp"

#include <cstdint>
#include <utility>

namespace hfaudit {
namespace {

constexpr std::size_t deepest_plain = 32;  // the open containers fit in one word of bits
constexpr std::size_t most_plain_digits = 19;

// The first pass: is it plain? All events are dropped.
struct NoHandler {
  static bool key(std::string_view, std::size_t) { return true; }
  static bool value(const JsonValue&, std::size_t) { return true; }
  static bool close(std::size_t) { return true; }
};

// The second.
struct Listener {
  JsonHandler& handler;

  bool key(std::string_view key, std::size_t level) { return handler.on_key(key, level); }
  bool value(const JsonValue& value, std::size_t level) { return handler.on_value(value, level); }
  bool close(std::size_t level) { return handler.on_close(level); }
};

template <class Sink>
class PlainReader {
 public:
  PlainReader(std::string_view text, Sink sink)
      : at_(text.data()), end_(at_ + text.size()), sink_(sink) {}

  // False where the text exceeds the plain subset, or the sink has had enough.
  bool read() {
    if (!read_value()) return false;
    while (level_ > 0) {
      const bool first = std::exchange(opened_, false);
      const char* const before = at_;
      const char c = next();
      if (c == (in_object() ? '}' : ']')) {
        if (!close()) return false;
      } else {
        if (first) at_ = before;
        if ((!first && c != ',') || !read_member()) return false;
      }
    }
    skip_space();
    return at_ == end_;
  }

 private:
  // Takes the next byte after white space; NUL at the end, where the position stays.
  char next() {
    skip_space();
    return at_ == end_ ? '\0' : *at_++;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
      ++at_;
  }

  [[nodiscard]] bool in_object() const { return (objects_ & 1U) != 0; }

  bool read_member() {
    if (!in_object()) return read_value();
    std::string_view key;
    return next() == '"' && read_string(key) && sink_.key(key, level_) && next() == ':' &&
           read_value();
  }

  bool read_value() {
    const char c = next();
    if (c == '"') {
      std::string_view text;
      return read_string(text) && sink_.value({JsonKind::text, 0, 0, text}, level_);
    }
    if (c >= '0' && c <= '9') return read_count(c);
    if (c == '{' || c == '[') return open(c);
    if (c == 'n') return read_literal("ull", {JsonKind::null, 0, 0, {}});
    if (c == 't') return read_literal("rue", {JsonKind::boolean, 1, 0, {}});
    return c == 'f' && read_literal("alse", {JsonKind::boolean, 0, 0, {}});
  }

  bool read_literal(std::string_view rest, const JsonValue& value) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(rest))
      return false;
    at_ += rest.size();
    return sink_.value(value, level_);
  }

  bool read_string(std::string_view& text) {
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= ' ' && *at_ != '"' && *at_ != '\\' && is_ascii(*at_))
      ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    text = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  bool read_count(char first) {
    auto count = static_cast<std::uint64_t>(first - '0');
    const char* const begin = at_;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      // may wrap; then there are too many digits
      count = count * 10 + static_cast<std::uint64_t>(*at_ - '0');
    }
    const auto more = static_cast<std::size_t>(at_ - begin);
    if (more >= most_plain_digits || (first == '0' && more > 0)) return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return false;
    return sink_.value({JsonKind::count, count, 0, {}}, level_);
  }

  bool open(char c) {
    if (level_ == deepest_plain) return false;
    if (!sink_.value({c == '{' ? JsonKind::object : JsonKind::array, 0, 0, {}}, level_))
      return false;
    ++level_;
    objects_ = objects_ << 1U | (c == '{' ? 1U : 0U);
    opened_ = true;
    return true;
  }

  bool close() {
    objects_ >>= 1U;
    return sink_.close(--level_);
  }

  [[nodiscard]] static bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

  const char* at_;
  const char* end_;
  Sink sink_;
  std::size_t level_ = 0;
  std::uint64_t objects_ = 0;  // a bit for each that is open, the innermost lowest: object or array
  bool opened_ = false;        // just now: a first member may follow, without a comma
};

}  // namespace

std::optional<JsonEnd> read_plain_json(std::string_view text, JsonHandler& handler) {
  if (!PlainReader<NoHandler>(text, {}).read()) return std::nullopt;
  return PlainReader<Listener>(text, {handler}).read() ? JsonEnd::complete : JsonEnd::stopped;
}

}  // namespace hfaudit
