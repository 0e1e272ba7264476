// JSON files that loaders read by name: are they whole? The question is whether a file is the
// author's text, rather than good JSON, so all that authors write is accepted: extensions of
// Python's json (NaN, Infinity, numbers of any length, equal keys), and comments, trailing commas
// and single quotes, which some loaders accept. Damage has other forms. A file that breaks off
// within a value, holds NUL bytes, or goes on in a way that is foreign to JSON is damaged. An
// editor of Windows may have put a byte order mark before it: json.load() of Python and serde_json
// of the tokenizers refuse that, other loaders accept it; Structure::only_marked shows it.
#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "formats/examine.hpp"
#include "formats/judgement.hpp"
#include "formats/sniff.hpp"

namespace hfaudit {
namespace {

// Larger files (tokenizer.json) are judged by their ends.
constexpr std::uint64_t longest_scanned = std::uint64_t{256} * 1024;
constexpr std::size_t json_end_bytes = 4096;
constexpr std::size_t deepest_json = 1000;  // Python's limit of recursion
constexpr std::string_view other_dialect = "JSON of another dialect";

[[nodiscard]] Structure weak(Structure structure) {
  structure.outweighed_by_size = true;
  return structure;
}

[[nodiscard]] bool begins_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : text_(text) {}

  [[nodiscard]] Structure judge() {
    skip_space();
    if (at_end()) return weak(truncated("an empty file"));
    if (begins_a_name(text_[at_]) && !at_constant()) return weak(not_the_content("plain text"));
    if (!scan_value()) return *flaw_;
    while (!open_.empty()) {
      if (!scan_member()) return *flaw_;
    }
    skip_space();
    if (at_end()) return sound(text_.size());
    const char c = text_[at_];
    if (c == '\0' || c == '/' || c == '#') return (void)fail(), *flaw_;
    return weak(not_the_content("JSON that continues after its end"));
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  void skip_space() {
    while (!at_end() && is_space(text_[at_]))
      ++at_;
  }
  [[nodiscard]] bool at_constant() const {
    const auto rest = text_.substr(at_);
    for (const std::string_view constant : {"true", "false", "null", "NaN", "Infinity"}) {
      if (rest.starts_with(constant.substr(0, rest.size())) || rest.starts_with(constant))
        return true;
    }
    return false;
  }

  bool stop(Structure flaw) {
    flaw_ = std::move(flaw);
    return false;
  }
  bool breaks_off() { return stop(weak(truncated("its JSON breaks off"))); }
  // At an unexpected byte.
  bool fail() {
    if (at_end()) return breaks_off();
    const char c = text_[at_];
    if (c == '\0') return stop(not_the_content("JSON with zeros in it"));
    if (c == '/' || c == '#' || c == '\'' || begins_a_name(c))
      return stop(cannot_tell(std::string(other_dialect)));
    return stop(weak(not_the_content("no valid JSON")));
  }

  bool scan_member();
  bool scan_value();
  bool scan_string();
  bool scan_constant();
  bool scan_number();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;    // the closing brackets that are due
  bool first_ = false;  // in the container that was just opened
  std::optional<Structure> flaw_;
};

bool JsonScan::scan_member() {
  skip_space();
  if (at_end()) return breaks_off();
  const char closing = open_.back();
  if (!first_ && text_[at_] == ',') {
    ++at_;
    skip_space();
    if (at_end()) return breaks_off();
    first_ = true;  // as after the bracket: a value, or the end after a trailing comma
  }
  if (text_[at_] == closing) {
    ++at_;
    open_.pop_back();
    first_ = false;
    return true;
  }
  if (!first_) return fail();
  if (closing == '}') {
    if (text_[at_] != '"') return fail();
    if (!scan_string()) return false;
    skip_space();
    if (at_end() || text_[at_] != ':') return fail();
    ++at_;
    skip_space();
  }
  return scan_value();
}

bool JsonScan::scan_value() {
  if (at_end()) return breaks_off();
  const char c = text_[at_];
  first_ = false;
  if (c == '"') return scan_string();
  if (c == '{' || c == '[') {
    if (open_.size() >= deepest_json) return stop(cannot_tell("JSON that is nested very deeply"));
    open_ += c == '{' ? '}' : ']';
    first_ = true;
    ++at_;
    return true;
  }
  if (c == '-' || (c >= '0' && c <= '9')) return scan_number();
  return begins_a_name(c) ? scan_constant() : fail();
}

// Other control characters stand in strings of some files, and some parsers accept them.
bool JsonScan::scan_string() {
  for (++at_; !at_end(); ++at_) {
    const char c = text_[at_];
    if (c == '\0') return fail();
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\' && ++at_ == text_.size()) break;
  }
  return breaks_off();
}

bool JsonScan::scan_constant() {
  const auto rest = text_.substr(at_);
  for (const std::string_view constant : {"true", "false", "null", "NaN", "Infinity"}) {
    if (rest.starts_with(constant)) {
      at_ += constant.size();
      return true;
    }
    if (constant.starts_with(rest)) return breaks_off();
  }
  return fail();
}

bool JsonScan::scan_number() {
  if (text_[at_] == '-' && at_ + 1 < text_.size() && text_[at_ + 1] == 'I') {
    ++at_;
    return scan_constant();
  }
  constexpr std::string_view of_numbers = "0123456789+-.eE";
  const auto end = text_.find_first_not_of(of_numbers, at_);
  at_ = std::min(end, text_.size());
  return true;
}

[[nodiscard]] Result<std::string> read_piece(ByteSource& source, std::uint64_t offset,
                                             std::uint64_t bytes) {
  std::string text(static_cast<std::size_t>(std::min(bytes, source.size() - offset)), '\0');
  const auto got = source.read_at(offset, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  return text;
}

[[nodiscard]] Structure judge_ends(std::string_view head, std::string_view tail,
                                   std::uint64_t size) {
  const auto first = trim(head);
  if (!first.empty() && first.front() != '{' && first.front() != '[' && first.front() != '"') {
    const char c = first.front();
    if (c == '/' || c == '#') return cannot_tell(std::string(other_dialect));
    return weak(not_the_content(begins_a_name(c) ? "plain text" : "no valid JSON"));
  }
  const auto last = trim(tail);
  if (head.find('\0') != std::string_view::npos || tail.find('\0') != std::string_view::npos)
    return not_the_content("JSON with zeros in it");
  if (!first.empty() && (last.empty() || (last.back() != '}' && last.back() != ']')))
    return weak(truncated("its JSON breaks off"));
  return first.empty() ? cannot_tell("a large file that begins with white space") : sound(size);
}

}  // namespace

Result<Structure> examine_json(ByteSource& source) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const auto size = source.size();
  const bool scanned = size <= longest_scanned;
  const auto read = read_piece(source, 0, scanned ? size : json_end_bytes);
  if (!read) return tl::unexpected<Error>(read.error());
  std::string_view text = *read;
  const bool marked = text.starts_with(byte_order_mark);
  if (marked) text.remove_prefix(byte_order_mark.size());
  // As a shell of Windows writes it. All loaders read UTF-8.
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return weak(not_the_content("text in UTF-16"));
  const auto head = text.substr(0, 512);
  if (!head.empty() && std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; }))
    return not_the_content("zeros");
  constexpr std::uint64_t longest_message = 4096;
  if (size <= longest_message) {
    if (auto body = sniff_error_body(text, size)) return not_the_content(std::move(*body));
  } else if (starts_with_lower(trim(head), "<")) {
    return not_the_content(sniff_error_body(text, size).value_or("an XML document"));
  }
  const auto judged = [marked, size](Structure structure) {
    if (marked && structure.state == StructureState::sound) {
      structure = weak(not_the_content("JSON after a byte order mark, which loaders refuse"));
      structure.only_marked = true;
    }
    if (structure.state == StructureState::sound) structure.expected_size = size;
    return structure;
  };
  if (scanned) return judged(JsonScan(text).judge());
  const auto tail = read_piece(source, size - json_end_bytes, json_end_bytes);
  if (!tail) return tl::unexpected<Error>(tail.error());
  return judged(judge_ends(text, *tail, size));
}

Result<Structure> examine_json_object(ByteSource& source) {
  auto structure = examine_json(source);
  if (!structure || structure->state != StructureState::sound) return structure;
  const auto head = read_piece(source, 0, json_end_bytes);
  if (!head) return tl::unexpected<Error>(head.error());
  const auto text = trim(*head);
  return text.empty() || text.front() == '{' ? structure : weak(not_the_content("no JSON object"));
}

Result<Structure> examine_text(ByteSource& source) {
  constexpr std::size_t sniffed = 512, fewest = 8;
  const auto head = read_piece(source, 0, sniffed);
  if (!head) return tl::unexpected<Error>(head.error());
  if (head->size() >= fewest &&
      std::all_of(head->begin(), head->end(), [](char c) { return c == '\0'; }))
    return not_the_content("zeros");
  if (starts_with_lower(trim(*head), "<!doctype html") || starts_with_lower(trim(*head), "<html"))
    return not_the_content("an HTML page");
  return cannot_tell("text");
}

}  // namespace hfaudit
