// ONNX: tensors whose data lies in other files (onnx/onnx.proto, docs/ExternalData.md). A tensor
// with data_location EXTERNAL has entries "location", "offset" and "length" in external_data.
// Tensors are initializers, sparse initializers, attributes of nodes, and the same in subgraphs and
// functions.
//
// The reader descends where tensors may be and skips all else, raw_data included, by length.
#include <algorithm>
#include <map>

#include "base/path.hpp"
#include "base/text.hpp"
#include "base/whole_number.hpp"
#include "base/wire_reader.hpp"
#include "listings/named.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t deepest_message = 64;
constexpr std::size_t most_externals = 10'000;
constexpr std::uint64_t longest_location = 4096;
// Bytes of the graph's structure; a file that needs more is read up to here.
constexpr std::uint64_t most_onnx_bytes = std::uint64_t{32} * 1024 * 1024;

enum class OnnxMessage : std::uint8_t {
  skipped,
  model,
  graph,
  node,
  attribute,
  tensor,
  sparse_tensor,
  function,
  external_entry
};

[[nodiscard]] OnnxMessage child_of(OnnxMessage parent, std::uint64_t field) {
  using enum OnnxMessage;
  switch (parent) {
    case model:
      return field == 7 ? graph : field == 25 ? function : skipped;
    case graph:
      return field == 1 ? node : field == 5 ? tensor : field == 15 ? sparse_tensor : skipped;
    case function:
      return field == 7 ? node : skipped;
    case node:
      return field == 5 ? attribute : skipped;
    case attribute:
      if (field == 5 || field == 10) return tensor;
      if (field == 6 || field == 11) return graph;
      return field == 22 || field == 23 ? sparse_tensor : skipped;
    case sparse_tensor:
      return field == 1 || field == 2 ? tensor : skipped;
    case tensor:
      return field == 13 ? external_entry : skipped;
    case external_entry:
    case skipped:
      break;
  }
  return skipped;
}

class OnnxReader {
 public:
  explicit OnnxReader(ByteSource& source) : in_(source) {}

  // False on an I/O error only.
  [[nodiscard]] bool read() {
    open_.push_back({OnnxMessage::model, in_.size()});
    while (!open_.empty() && in_.bytes_read() < most_onnx_bytes) {
      if (in_.position() == open_.back().end) {
        close(open_.back().kind);
        open_.pop_back();
      } else if (!read_field()) {
        break;
      }
    }
    return !in_.error().has_value();
  }
  [[nodiscard]] const Error& error() const { return *in_.error(); }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& files() const { return files_; }

 private:
  struct Message {
    OnnxMessage kind;
    std::uint64_t end;
  };

  bool read_field();
  bool enter(std::uint64_t field, std::uint64_t length);
  void close(OnnxMessage kind);
  void take_entry();
  void add_tensor();

  WireReader in_;
  std::vector<Message> open_;
  std::string key_, value_;  // of the entry that is open
  // of the tensor that is open
  std::string location_;
  std::uint64_t offset_ = 0, length_ = 0;
  bool external_ = false;
  std::map<std::string, std::uint64_t> files_;  // with the bytes that they must have
};

bool OnnxReader::read_field() {
  constexpr std::uint64_t data_location = 14, external = 1;
  const auto top = open_.back();
  WireTag tag;
  if (!in_.take_tag(tag)) return false;
  std::uint64_t value = 0;
  if (tag.wire == 1 || tag.wire == 5) {
    if (!in_.skip(tag.wire == 1 ? 8 : 4)) return false;
  } else if (!in_.take_varint(value)) {
    return false;
  } else if (tag.wire == 2) {
    if (in_.position() > top.end || value > top.end - in_.position()) return false;
    return enter(tag.field, value);
  } else if (top.kind == OnnxMessage::tensor && tag.field == data_location) {
    external_ = value == external;
  }
  return in_.position() <= top.end;
}

bool OnnxReader::enter(std::uint64_t field, std::uint64_t length) {
  const auto parent = open_.back().kind;
  if (parent == OnnxMessage::external_entry && length <= longest_location) {
    if (field == 1) return in_.take_text(length, key_);
    if (field == 2) return in_.take_text(length, value_);
  }
  const auto child = child_of(parent, field);
  if (child == OnnxMessage::skipped) return in_.skip(length);
  if (open_.size() >= deepest_message) return false;
  if (child == OnnxMessage::tensor) {
    location_.clear();
    offset_ = length_ = 0;
    external_ = false;
  } else if (child == OnnxMessage::external_entry) {
    key_.clear();
    value_.clear();
  }
  open_.push_back({child, in_.position() + length});
  return true;
}

void OnnxReader::close(OnnxMessage kind) {
  if (kind == OnnxMessage::external_entry) take_entry();
  if (kind == OnnxMessage::tensor) add_tensor();
}

void OnnxReader::take_entry() {
  if (key_ == "location") location_ = value_;
  if (key_ == "offset") offset_ = whole_number<std::uint64_t>(value_).value_or(0);
  if (key_ == "length") length_ = whole_number<std::uint64_t>(value_).value_or(0);
}

void OnnxReader::add_tensor() {
  if (!external_ || location_.empty() || files_.size() >= most_externals) return;
  // onnxruntime's name for data that is already in memory
  if (location_.find('*') != std::string::npos) return;
  std::string_view location = location_;
  while (location.starts_with("./"))
    location.remove_prefix(2);
  if (!is_safe_relative_path(location)) return;
  std::uint64_t least = 0;
  if (__builtin_add_overflow(offset_, length_, &least)) least = 0;
  auto& known = files_[std::string(location)];
  known = std::max(known, least);
}

}  // namespace

Result<std::vector<Named>> read_onnx_externals(const std::string& path, ByteSource& source) {
  OnnxReader reader(source);
  if (!reader.read()) return tl::unexpected<Error>(reader.error());
  const auto folder = parent_path(path);
  std::vector<Named> named;
  for (const auto& [location, least] : reader.files()) {
    Named one;
    one.paths = {folder.empty() ? location : std::string(folder) + "/" + location};
    one.named_by = path;
    one.least_bytes = least;
    named.push_back(std::move(one));
  }
  return named;
}

}  // namespace hfaudit
