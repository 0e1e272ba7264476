// A piece of JSON in memory, and access to it that knows where it is: an absent value or one of
// another type is reported by its key, once, and reads as empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/events.hpp"

namespace hfaudit {

struct JsonNode {
  std::string key;  // in its object; empty elsewhere
  JsonKind kind = JsonKind::null;
  std::uint64_t count = 0;
  double real = 0;
  std::string text;
  std::vector<JsonNode> members;  // of an object or an array
};

// Puts the events of one value together.
class NodeBuilder {
 public:
  // False where the value has more in it than any report's.
  [[nodiscard]] bool value(const JsonValue& value);
  void key(std::string_view key) { key_ = key; }
  void close() { open_.pop_back(); }
  [[nodiscard]] bool done() const { return values_ > 0 && open_.empty(); }
  [[nodiscard]] JsonNode take();

 private:
  JsonNode root_;
  std::vector<JsonNode*> open_;
  std::string key_;
  std::size_t values_ = 0;
};

// The first thing that is wrong with a report.
class FirstError {
 public:
  void record(const std::string& where, std::string_view what);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool any() const { return !text_.empty(); }

 private:
  std::string text_;
};

class Fields {
 public:
  // `node` may be nullptr: then everything is missing, which has been reported already.
  Fields(const JsonNode* node, std::string where, FirstError& first_error);

  [[nodiscard]] bool has(std::string_view key) const;  // and with another value than null
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text_or_null(std::string_view key) const;  // empty for null
  [[nodiscard]] std::uint64_t count(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint64_t> count_or_null(std::string_view key) const;
  [[nodiscard]] bool yes(std::string_view key) const;
  [[nodiscard]] double seconds(std::string_view key) const;
  [[nodiscard]] std::int64_t timestamp(std::string_view key) const;  // "2026-05-13T00:44:00Z"
  [[nodiscard]] std::string path() const;  // of "path", or its exact bytes of "path_b64"
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] Fields object(std::string_view key) const;
  [[nodiscard]] std::vector<Fields> list(std::string_view key) const;
  [[nodiscard]] const JsonNode* node() const { return node_; }

  void wrong(std::string_view key, std::string_view what) const;

 private:
  [[nodiscard]] const JsonNode* find(std::string_view key) const;
  [[nodiscard]] const JsonNode* want(std::string_view key, JsonKind kind,
                                     std::string_view what) const;
  [[nodiscard]] std::string location_of(std::string_view key) const;

  const JsonNode* node_;
  std::string where_;
  FirstError* first_error_;
};

}  // namespace hfaudit
