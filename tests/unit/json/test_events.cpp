#include "catch_any.hpp"
#include "json/events.hpp"
#include "json/reader.hpp"
#include "reading.hpp"

using namespace hfaudit;

namespace {

// The events as a line: {k:x ...} with kinds n(ull) b c # t and counts or texts.
class Line final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t) override { return add(std::string(key) + ":"); }
  bool on_value(const JsonValue& value, std::size_t level) override {
    static constexpr const char* kinds[] = {"n", "b", "c", "#", "t", "{", "["};
    levels = std::max(levels, level);
    auto event = kinds[static_cast<int>(value.kind)] + std::string(value.text);
    if (value.kind == JsonKind::boolean || value.kind == JsonKind::count)
      event += std::to_string(value.count);
    return add(event + " ") && value.text != "stop";
  }
  bool on_close(std::size_t level) override { return add("/" + std::to_string(level) + " "); }

  std::string text;
  std::size_t levels = 0;

 private:
  bool add(const std::string& more) {
    text += more;
    return true;
  }
};

// Both ways to read must tell the same.
std::string events_of(const std::string& json) {
  auto source = test::memory(json);
  Line fast;
  Line thorough;
  const auto end = read_json(source, 0, json.size(), fast);
  const auto thorough_end = read_json_thoroughly(source, 0, json.size(), thorough);
  REQUIRE(end);
  REQUIRE(thorough_end);
  CHECK(*end == *thorough_end);
  CHECK((*end == JsonEnd::malformed || fast.text == thorough.text));
  return *end == JsonEnd::complete ? fast.text : std::string(describe(*end));
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("JSON becomes events in the order of the text") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{}", "{ /0 "},
      {" [ ] ", "[ /0 "},
      {R"({"a":1,"b":["x",null,true,false,{}],"c":{"d":[]}})",
       "{ a:c1 b:[ tx n b1 b0 { /2 /1 c:{ d:[ /2 /1 /0 "},
      {"{\n \"a\" : 0 ,\t\"b\":\r18446744073709551615 }", "{ a:c0 b:c18446744073709551615 /0 "},
      {"7", "c7 "},
      {R"("x")", "tx "},
      {"9999999999999999999", "c9999999999999999999 "},
      {"18446744073709551616", "# "},
      {"-1", "# "},
      {"[1.5,1e3,0]", "[ # # c0 /0 "},
      {"[NaN,Infinity,-Infinity]", "[ # # # /0 "},
      {R"({"\u0061\n":"\ud83d\ude00"})", "{ a\n:t\xF0\x9F\x98\x80 /0 "},
      {"[\"\xC3\xA9\"]", "[ t\xC3\xA9 /0 "},
      {"[\"\x7f\"]", "[ t\x7f /0 "},
      {R"(["stop",1])", "JSON of another shape"},
  };
  for (const auto& [json, events] : cases) {
    INFO(json);
    CHECK(events_of(json) == events);
  }
}

TEST_CASE("what is not JSON is malformed, whichever way it is read") {
  for (const std::string& json : {std::string(),
                                  std::string(" "),
                                  std::string("["),
                                  std::string("[1,]"),
                                  std::string("[,1]"),
                                  std::string("[1 2]"),
                                  std::string("{\"a\"}"),
                                  std::string("{\"a\":}"),
                                  std::string("{\"a\":1,}"),
                                  std::string("{1:2}"),
                                  std::string("[1}"),
                                  std::string("{\"a\":1]"),
                                  std::string("01"),
                                  std::string("1."),
                                  std::string("+1"),
                                  std::string("nul"),
                                  std::string("truth"),
                                  std::string("\"a"),
                                  std::string("\"\n\""),
                                  std::string("\"\\x\""),
                                  std::string("1 1"),
                                  std::string("1\0", 2),
                                  std::string("\xEF\xBB\xBF{}"),
                                  std::string("\"\xff\""),
                                  std::string("'a'"),
                                  std::string("// a"),
                                  std::string("[NaN5]"),
                                  std::string("- Infinity"),
                                  std::string("Nan")}) {
    INFO(json);
    CHECK(events_of(json) == "not valid JSON");
  }
}

TEST_CASE("JSON may be 64 levels deep, and no deeper") {
  CHECK(events_of(nested(31)).starts_with("[ [ "));
  CHECK(events_of(nested(33)).starts_with("[ [ "));
  CHECK(events_of(nested(64)).starts_with("[ [ "));
  CHECK(events_of(nested(65)) == "JSON nested too deeply");
}

TEST_CASE("a file that has become shorter is cut off, not an error of its own") {
  test::EndlessSource source(3'000'000, "[", " ");
  Line line;
  const auto end = read_json(source, 0, 5'000'000, line);
  REQUIRE(end);
  CHECK(*end == JsonEnd::malformed);
}

TEST_CASE("megabytes of white space take no memory and little time") {
  test::EndlessSource source(8'000'000, "[", " ");
  Line line;
  const auto end = read_json(source, 0, source.size(), line);
  REQUIRE(end);
  CHECK(*end == JsonEnd::malformed);
}
