#include "json/reader.hpp"

#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "json/plain.hpp"
#include "json/text.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::uint64_t longest_in_memory = std::uint64_t{1024} * 1024;
constexpr std::size_t longest_token = std::size_t{16} * 1024 * 1024;

// Translates nlohmann's events, and keeps count of the depth.
class Events {
 public:
  explicit Events(JsonHandler& handler) : handler_(handler) {}

  [[nodiscard]] JsonEnd end() const { return end_; }

  bool null() { return value({JsonKind::null, 0, 0, {}}); }
  bool boolean(bool yes) { return value({JsonKind::boolean, yes ? 1U : 0U, 0, {}}); }
  bool number_unsigned(std::uint64_t number) { return value({JsonKind::count, number, 0, {}}); }
  bool number_integer(std::int64_t number) {
    return value({JsonKind::number, 0, static_cast<double>(number), {}});
  }
  bool number_float(double number, const std::string&) {
    return value({JsonKind::number, 0, number, {}});
  }
  bool string(std::string& text) { return value({JsonKind::text, 0, 0, text}); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // impossible in text
  bool key(std::string& key) { return go_on(handler_.on_key(key, level_)); }
  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const std::exception&) {
    end_ = JsonEnd::malformed;
    return false;
  }

 private:
  bool go_on(bool yes) {
    if (!yes) end_ = JsonEnd::stopped;
    return yes;
  }
  bool value(const JsonValue& value) { return go_on(handler_.on_value(value, level_)); }
  bool open(JsonKind kind) {
    if (level_ == deepest) {
      end_ = JsonEnd::too_deep;
      return false;
    }
    return value({kind, 0, 0, {}}) && ++level_ > 0;
  }
  bool close() { return go_on(handler_.on_close(--level_)); }

  JsonHandler& handler_;
  std::size_t level_ = 0;
  JsonEnd end_ = JsonEnd::complete;
};

}  // namespace

Result<JsonEnd> read_json(ByteSource& source, std::uint64_t begin, std::uint64_t length,
                          JsonHandler& handler) {
  if (length > longest_in_memory) return read_json_thoroughly(source, begin, length, handler);
  std::vector<char> text(static_cast<std::size_t>(length));
  const auto got = source.read_at(begin, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  if (const auto end = read_plain_json({text.data(), text.size()}, handler)) return *end;
  MemorySource memory(text);
  return read_json_thoroughly(memory, 0, text.size(), handler);
}

Result<JsonEnd> read_json_thoroughly(ByteSource& source, std::uint64_t begin, std::uint64_t length,
                                     JsonHandler& handler) {
  JsonText text(source, begin, length, longest_token);
  Events events(handler);
  auto end = JsonEnd::malformed;
  try {
    (void)nlohmann::json::sax_parse(JsonTextIterator(text), JsonTextIterator(), &events);
    end = events.end();
  } catch (const nlohmann::json::exception&) {
    end = JsonEnd::malformed;
  }
  if (text.error()) return tl::unexpected<Error>(*text.error());
  if (text.token_too_long() && end == JsonEnd::malformed) return JsonEnd::too_long;
  return end;
}

std::string_view describe(JsonEnd end) {
  switch (end) {
    case JsonEnd::complete:
      return "valid JSON";
    case JsonEnd::stopped:
      return "JSON of another shape";
    case JsonEnd::malformed:
      return "not valid JSON";
    case JsonEnd::too_deep:
      return "JSON nested too deeply";
    case JsonEnd::too_long:
      return "JSON with a string too long";
  }
  return "";
}

}  // namespace hfaudit
