#include "fixture_blob.hpp"

#include <algorithm>
#include <stdexcept>

#include "fixture_digest.hpp"
#include "fixture_text.hpp"

namespace hfaudit::fixture {
namespace {

using Words = std::vector<std::string>;

struct Recipe {
  std::string form, argument;  // "safetensors", "4096"
  std::string salt;
  bool empty_tensor = false, padded = false;
  GgufSplit split;
  std::vector<std::pair<bool, std::uint64_t>> resizes;  // true: truncate to, false: extend by
};

bool cut(std::string_view& word, std::string_view prefix) {
  if (!word.starts_with(prefix)) return false;
  word.remove_prefix(prefix.size());
  return true;
}

bool option(Recipe& recipe, std::string_view word) {
  if (cut(word, "salt:")) {
    recipe.salt = word;
  } else if (word == "empty-tensor") {
    recipe.empty_tensor = true;
  } else if (word == "padded") {
    recipe.padded = true;
  } else if (cut(word, "split:")) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos) throw std::runtime_error("split:NUMBER/COUNT");
    recipe.split = {static_cast<unsigned>(parse_size(word.substr(0, slash))),
                    static_cast<unsigned>(parse_size(word.substr(slash + 1)))};
  } else if (cut(word, "truncate:")) {
    recipe.resizes.emplace_back(true, parse_size(word));
  } else if (cut(word, "extend:")) {
    recipe.resizes.emplace_back(false, parse_size(word));
  } else {
    return false;
  }
  return true;
}

const Blob& blob_of(const Blobs& known, std::string_view name) {
  const auto found = known.find(name);
  if (found == known.end())
    throw std::runtime_error("no blob was declared with the name " + std::string(name));
  return found->second;
}

Content base(const Recipe& recipe, const Blobs& known) {
  const auto& [form, argument] = std::tie(recipe.form, recipe.argument);
  if (form == "text") return Content(argument);
  if (form == "size") return {"", parse_size(argument)};
  if (form == "safetensors")
    return safetensors(parse_size(argument), recipe.salt, recipe.empty_tensor);
  if (form == "gguf") return gguf(parse_size(argument), recipe.salt, recipe.padded, recipe.split);
  if (form == "torch") return torch_zip(parse_size(argument), recipe.salt);
  if (form == "parquet") return parquet(parse_size(argument), recipe.salt);
  if (form == "pickle") return legacy_pickle(parse_size(argument), recipe.salt);
  if (form == "html") return html_page(argument);
  if (form == "copy") return blob_of(known, argument).content;
  if (form == "lfs-pointer") return lfs_pointer(argument, blob_of(known, argument).content.size);
  throw std::runtime_error("unknown content " + form);
}

Recipe split_form(const std::string& word, std::string_view salt) {
  Recipe recipe;
  recipe.salt = salt;
  if (word.starts_with("json{")) {
    recipe.form = "text";
    recipe.argument = word.substr(4);
    return recipe;
  }
  const auto colon = word.find(':');
  recipe.form = word.substr(0, colon);
  if (colon != std::string::npos) recipe.argument = word.substr(colon + 1);
  return recipe;
}

void damage(Blob& blob, const Words& words, std::string_view salt, const Blobs& known) {
  if (words.empty()) throw std::runtime_error("nothing after |");
  blob.disk = blob.content;
  const std::string& first = words.front();
  if (first == "absent") {
    blob.disk.reset();
  } else if (first == "no-blob") {
    blob.stored = false;
  } else if (first == "zeros") {
    blob.disk = Content("", blob.content.size);
  } else if (first == "lfs-pointer") {
    blob.disk = lfs_pointer(blob.content.sha256(), blob.content.size);
  } else if (first.starts_with("truncate:")) {
    blob.disk->truncate(parse_size(std::string_view(first).substr(9)));
  } else if (first.starts_with("extend:")) {
    blob.disk->extend(parse_size(std::string_view(first).substr(7)));
  } else {
    blob.disk = parse_content(words, salt, known);
    return;
  }
  if (words.size() > 1) throw std::runtime_error("unexpected " + words[1]);
}

}  // namespace

Content parse_content(const Words& words, std::string_view salt, const Blobs& known) {
  if (words.empty()) throw std::runtime_error("content is missing");
  Recipe recipe = split_form(words.front(), salt);
  for (auto word = words.begin() + 1; word != words.end(); ++word) {
    if (!option(recipe, *word)) throw std::runtime_error("unexpected " + *word);
  }
  Content content = base(recipe, known);
  for (const auto& [shorter, amount] : recipe.resizes)
    shorter ? content.truncate(amount) : content.extend(amount);
  return content;
}

Blob parse_blob(BlobKind kind, const Words& words, std::string_view salt, const Blobs& known) {
  const auto bar = std::find(words.begin(), words.end(), "|");
  Words content_words;
  std::string given_name;
  for (auto word = words.begin(); word != bar; ++word) {
    if (word->starts_with("as:")) {
      given_name = word->substr(3);
    } else {
      content_words.push_back(*word);
    }
  }
  Blob blob;
  blob.kind = kind;
  blob.content = parse_content(content_words, salt, known);
  blob.name = !given_name.empty()     ? given_name
              : kind == BlobKind::git ? blob.content.git_oid()
                                      : blob.content.sha256();
  if (kind == BlobKind::xet) blob.xet = sha256_hex("xet " + blob.content.sha256());
  blob.disk = blob.content;
  if (bar != words.end()) damage(blob, Words(bar + 1, words.end()), salt, known);
  return blob;
}

std::string tree_value(const Blob& blob, std::optional<std::uint64_t> size) {
  const std::string bytes = std::to_string(size.value_or(blob.content.size));
  std::string out = "{";
  const auto add = [&](std::string_view key, std::string_view value, std::string_view quote) {
    if (out.size() > 1) out += ',';
    out.append("\n   \"").append(key).append("\": ").append(quote).append(value).append(quote);
  };
  add("size", bytes, "");
  if (blob.kind == BlobKind::git) {
    add("blob_id", blob.content.git_oid(), "\"");
  } else {
    const std::string sha256 = blob.content.sha256();
    add("blob_id", lfs_pointer(sha256, blob.content.size).git_oid(), "\"");
    add("lfs_sha256", sha256, "\"");
    add("lfs_size", bytes, "");
    if (!blob.xet.empty()) add("xet_hash", blob.xet, "\"");
  }
  return out + "\n  }";
}

}  // namespace hfaudit::fixture
