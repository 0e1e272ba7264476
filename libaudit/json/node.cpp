#include "json/node.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/format.hpp"
#include "base/numbers.hpp"

namespace hfaudit {

bool NodeBuilder::value(const JsonValue& value) {
  // the unreadable paths of a whole cache are one line of ndjson
  constexpr std::size_t most_values = 1'000'000;
  if (++values_ > most_values) return false;
  JsonNode node{{}, value.kind, value.count, value.real, std::string(value.text), {}};
  JsonNode* placed = &root_;
  if (open_.empty()) {
    root_ = std::move(node);
  } else {
    if (open_.back()->kind == JsonKind::object) node.key = std::move(key_);
    placed = &open_.back()->members.emplace_back(std::move(node));
  }
  // A member moves when the next one comes, and that is after this one is closed.
  if (value.kind == JsonKind::object || value.kind == JsonKind::array) open_.push_back(placed);
  return true;
}

JsonNode NodeBuilder::take() {
  values_ = 0;
  open_.clear();
  return std::exchange(root_, {});
}

void FirstError::record(const std::string& where, std::string_view what) {
  if (any()) return;
  text_ = where.empty() ? std::string(what) : formatted("{}: {}", where, what);
}

Fields::Fields(const JsonNode* node, std::string where, FirstError& first_error)
    : node_(node), where_(std::move(where)), first_error_(&first_error) {
  if (node_ == nullptr || node_->kind == JsonKind::object) return;
  first_error_->record(where_, "not an object");
  node_ = nullptr;
}

std::string Fields::location_of(std::string_view key) const {
  return where_.empty() ? std::string(key) : formatted("{}.{}", where_, key);
}

void Fields::wrong(std::string_view key, std::string_view what) const {
  if (node_ != nullptr) first_error_->record(location_of(key), what);
}

const JsonNode* Fields::find(std::string_view key) const {
  if (node_ == nullptr) return nullptr;
  const auto& members = node_->members;
  // Of equal keys the last one counts, as for most readers.
  const auto at = std::find_if(members.rbegin(), members.rend(),
                               [key](const JsonNode& m) { return m.key == key; });
  return at == members.rend() ? nullptr : &*at;
}

const JsonNode* Fields::want(std::string_view key, JsonKind kind, std::string_view what) const {
  const JsonNode* found = find(key);
  if (found == nullptr) {
    wrong(key, "missing");
  } else if (found->kind != kind) {
    wrong(key, formatted("not {}", what));
    found = nullptr;
  }
  return found;
}

bool Fields::has(std::string_view key) const {
  const JsonNode* found = find(key);
  return found != nullptr && found->kind != JsonKind::null;
}

std::string Fields::text(std::string_view key) const {
  const JsonNode* found = want(key, JsonKind::text, "a text");
  return found == nullptr ? std::string() : found->text;
}

std::string Fields::text_or_null(std::string_view key) const {
  const JsonNode* found = find(key);
  return found != nullptr && found->kind == JsonKind::null ? std::string() : text(key);
}

std::uint64_t Fields::count(std::string_view key) const {
  const JsonNode* found = want(key, JsonKind::count, "a whole number from 0 to 2^64-1");
  return found == nullptr ? 0 : found->count;
}

std::optional<std::uint64_t> Fields::count_or_null(std::string_view key) const {
  const JsonNode* found = find(key);
  if (found != nullptr && found->kind == JsonKind::null) return std::nullopt;
  return count(key);
}

bool Fields::yes(std::string_view key) const {
  const JsonNode* found = want(key, JsonKind::boolean, "true or false");
  return found != nullptr && found->count != 0;
}

double Fields::seconds(std::string_view key) const {
  constexpr double most_seconds = 1e12;  // more than any, and sums of such stay finite
  const JsonNode* found = find(key);
  if (found != nullptr && found->kind == JsonKind::count) {
    const auto whole = static_cast<double>(found->count);
    if (whole <= most_seconds) return whole;
  } else {
    found = want(key, JsonKind::number, "a number");
    if (found == nullptr) return 0;
    if (found->real >= 0 && found->real <= most_seconds) return found->real;
  }
  wrong(key, "no number of seconds");
  return 0;
}

std::int64_t Fields::timestamp(std::string_view key) const {
  const std::string written = text(key);
  const auto seconds = parse_utc(written);
  if (!seconds) wrong(key, "not a time like 2026-05-13T00:44:00Z");
  return seconds.value_or(0);
}

std::string Fields::path() const {
  std::string shown = text("path");
  if (!has("path_b64")) return shown;
  auto exact = parse_base64(text("path_b64"));
  if (exact) return *std::move(exact);
  wrong("path_b64", "not base64");
  return shown;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> all;
  const JsonNode* found = want(key, JsonKind::array, "a list");
  if (found == nullptr) return all;
  for (const JsonNode& element : found->members) {
    if (element.kind != JsonKind::text) wrong(key, "not a list of texts");
    all.push_back(element.text);
  }
  return all;
}

Fields Fields::object(std::string_view key) const {
  return {want(key, JsonKind::object, "an object"), location_of(key), *first_error_};
}

std::vector<Fields> Fields::list(std::string_view key) const {
  std::vector<Fields> all;
  const JsonNode* found = want(key, JsonKind::array, "a list");
  if (found == nullptr) return all;
  for (const JsonNode& element : found->members) {
    all.emplace_back(&element, formatted("{}[{}]", location_of(key), all.size()), *first_error_);
  }
  return all;
}

}  // namespace hfaudit
