// read_report(): hfaudit.report/1 from JSON or ndjson. An element of a list is put together, read,
// and forgotten, so that a report of a huge cache costs only the kept values.
#include "base/format.hpp"
#include "hfaudit/merge.hpp"
#include "json/reader.hpp"
#include "report/json/report_builder.hpp"

namespace hfaudit {
namespace {

using report::is_head;
using report::is_list;
using report::ReportBuilder;

// A JSON report, whole. Unknown members are skipped.
class WholeReader final : public JsonHandler {
 public:
  explicit WholeReader(ReportBuilder& builder) : builder_(builder) {}

  bool on_key(std::string_view key, std::size_t level) override {
    if (level > 1) {
      if (wanted_) node_.key(key);
      return true;
    }
    key_ = key;
    list_ = is_list(key);
    wanted_ = list_ || is_head(key);
    return !wanted_ || builder_.begin(key);
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (!wanted_) return true;
    if (list_ && level == 1) {
      if (value.kind != JsonKind::array) builder_.first_error.record(key_, "not a list");
      return value.kind == JsonKind::array;
    }
    if (!node_.value(value)) {
      builder_.first_error.record(key_, "more in it than any report has");
      return false;
    }
    take();
    return true;
  }

  bool on_close(std::size_t level) override {
    if (level == 0 || !wanted_ || (list_ && level == 1)) return true;
    node_.close();
    take();
    return true;
  }

 private:
  void take() {
    if (!node_.done()) return;
    if (list_) {
      builder_.take_element(key_, node_.take());
    } else {
      builder_.take_head(key_, node_.take());
    }
  }

  ReportBuilder& builder_;
  NodeBuilder node_;
  std::string key_;
  bool list_ = false, wanted_ = false;
};

// One line of ndjson.
class LineReader final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t) override {
    node_.key(key);
    return true;
  }
  bool on_value(const JsonValue& value, std::size_t) override { return node_.value(value); }
  bool on_close(std::size_t) override {
    node_.close();
    return true;
  }
  [[nodiscard]] JsonNode take() { return node_.take(); }

 private:
  NodeBuilder node_;
};

// Whether an object has a type, which the lines of ndjson have and a JSON report lacks.
class TypeFinder final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    found = found || (level == 1 && key == "type");
    return !found;
  }
  bool on_value(const JsonValue&, std::size_t) override { return true; }
  bool on_close(std::size_t) override { return true; }

  bool found = false;
};

JsonEnd read_text(std::string_view text, JsonHandler& handler) {
  MemorySource source(text);
  const auto end = read_json(source, 0, text.size(), handler);
  return end ? *end : JsonEnd::malformed;  // reading memory always succeeds
}

void read_whole(std::string_view text, ReportBuilder& builder) {
  WholeReader reader(builder);
  const JsonEnd end = read_text(text, reader);
  if (end != JsonEnd::complete) builder.first_error.record("", describe(end));
}

// Takes from `rest` its first line; false at the end. `ended`: the line has its line end.
bool next_line(std::string_view& rest, std::string_view& line, bool& ended) {
  if (rest.empty()) return false;
  const std::size_t length = rest.find('\n');
  ended = length != std::string_view::npos;
  line = rest.substr(0, length);
  rest.remove_prefix(ended ? length + 1 : rest.size());
  return true;
}

// An ndjson report, line by line.
class Lines {
 public:
  explicit Lines(ReportBuilder& builder) : builder_(builder) {}

  // Whether it is there to its end.
  bool read(std::string_view text) {
    std::string_view line;
    bool has_end = false;
    while (!builder_.first_error.any() && next_line(text, line, has_end)) {
      ++number_;
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) take(line, has_end);
    }
    return ended_;
  }

 private:
  void wrong(std::string_view what) {
    builder_.first_error.record(formatted("line {}", number_), what);
  }

  void take(std::string_view line, bool has_end) {
    LineReader reader;
    const JsonEnd end = read_text(line, reader);
    if (end != JsonEnd::complete) {
      const bool broke_off = end == JsonEnd::malformed && !has_end && started_;
      if (!broke_off) wrong(describe(end));
      return;
    }
    const JsonNode object = reader.take();
    FirstError untyped;
    const std::string type = Fields(&object, "", untyped).text("type");
    if (untyped.any()) return wrong(untyped.text());
    if (ended_) return wrong("more after the end of the report");
    if (started_ == (type == "start"))
      return wrong(started_ ? "a second report begins" : "not the start of a report");
    started_ = true;
    if (type == "repo") builder_.take_element("repos", object);
    if (type == "finding") builder_.take_element("findings", object);
    if (type == "start" || type == "end") spread(object);
    ended_ = type == "end";
  }

  // The members of a start or an end are those of the report.
  void spread(const JsonNode& object) {
    for (const JsonNode& value : object.members) {
      const std::string& key = value.key;
      if (!is_list(key) && !is_head(key)) continue;
      if (!builder_.begin(key)) return;
      if (is_head(key)) {
        builder_.take_head(key, value);
      } else if (value.kind != JsonKind::array) {
        wrong(key + ": not a list");
      } else {
        for (const JsonNode& element : value.members)
          builder_.take_element(key, element);
      }
    }
  }

  ReportBuilder& builder_;
  std::size_t number_ = 0;
  bool started_ = false, ended_ = false;
};

bool is_ndjson(std::string_view text) {
  TypeFinder finder;
  (void)read_text(text.substr(0, text.find('\n')), finder);
  return finder.found;
}

}  // namespace

Result<PastReport> read_report(std::string_view name, std::string_view text) {
  ReportBuilder builder;
  bool whole = true;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return failure("read", name, "it is empty");
  }
  if (is_ndjson(text)) {
    (void)builder.begin("repos");  // they are lines of their own, or absent
    (void)builder.begin("findings");
    whole = Lines(builder).read(text);
  } else {
    read_whole(text, builder);
  }
  auto past = builder.finish(whole);
  if (builder.first_error.any()) return failure("read", name, builder.first_error.text());
  return past;
}

}  // namespace hfaudit
