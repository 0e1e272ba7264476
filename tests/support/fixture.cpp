#include "fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/path.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

#include "fixture_blob.hpp"
#include "fixture_digest.hpp"
#include "fixture_files.hpp"

namespace hfaudit::fixture {
namespace {

namespace fs = boost::filesystem;

using Words = std::vector<std::string>;

class Interpreter {
 public:
  Interpreter(const std::string& dest, const Options& options) : place_(dest), options_(options) {
    if (!options.hub_folder.empty()) hub_.emplace(options.hub_folder);
    variables_["dest"] = place_.absolute(".");
    variables_["host"] = host_name();
    variables_["now"] =
        std::to_string(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + 1);
  }

  Variables run(std::string_view text) {
    for (const Statement& statement : parse_statements(text)) {
      at(statement.head, [&] { execute(statement); });
    }
    // Owners first: chown clears mode bits. Times last: everything before changes them.
    for (auto& step : owners_)
      step();
    for (auto& step : modes_)
      step();
    for (auto& step : times_)
      step();
    if (hub_) hub_->file("listing", Content(listing_));
    return std::move(variables_);
  }

 private:
  template <class Act>
  void at(const Line& line, Act act) const {
    try {
      act();
    } catch (const NeedsRoot&) {
      throw;
    } catch (const std::exception& error) {
      throw std::runtime_error("line " + std::to_string(line.number) + ": " + error.what());
    }
  }

  [[nodiscard]] pid_t live_pid() const {
    return options_.live_pid != 0 ? options_.live_pid : getpid();
  }

  // A path of the text: `@/…` lies in the current repo's folder.
  [[nodiscard]] std::string path(const std::string& word) const {
    if (!word.starts_with("@/")) return word;
    if (repo_.empty()) throw std::runtime_error("@ without a repo");
    return "hub/" + repo_ + word.substr(1);
  }

  void execute(const Statement& statement) {
    const Words words = split_words(statement.head.text, variables_);
    const std::string& verb = words.at(0);
    if (verb == "snapshot" || verb == "tree" || verb == "local")
      return block(words, statement.block);
    if (!statement.block.empty()) throw std::runtime_error(verb + " has no block");
    if (declare(words) || make(words) || adorn(words)) return;
    throw std::runtime_error("unknown statement " + verb);
  }

  static void count(const Words& words, std::size_t least, std::size_t most) {
    if (words.size() < least || words.size() > most)
      throw std::runtime_error("wrong number of words");
  }

  bool declare(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "commit" || verb == "name") {
      count(words, verb == "name" ? 3 : 2, 3);
      variables_[words[1]] = words.size() == 3 ? words[2] : sha1_hex("commit " + words[1]);
    } else if (verb == "repo") {
      count(words, 2, 2);
      repo_ = words[1] == "none" ? "" : words[1];
      variables_["repo"] = repo_;
      if (!repo_.empty()) place_.directory("hub/" + repo_);
    } else if (verb == "git" || verb == "lfs" || verb == "xet") {
      const BlobKind kind = verb == "git"   ? BlobKind::git
                            : verb == "lfs" ? BlobKind::lfs
                                            : BlobKind::xet;
      const Blob blob =
          parse_blob(kind, Words(words.begin() + 2, words.end()), words.at(1), blobs_);
      variables_[words[1]] = blob.name;
      if (kind == BlobKind::xet)
        variables_[words[1] + "_payload"] = "blobs/" + blob.xet.substr(0, 2) + "/" + blob.xet;
      if (!repo_.empty() && blob.stored) store(blob);
      if (hub_ && !hub_->exists(blob.name)) hub_->file(blob.name, blob.content);
      list({}, words[1], blob);
      blobs_.insert_or_assign(blob.name, blob);
    } else {
      return false;
    }
    return true;
  }

  void store(const Blob& blob) {
    const std::string name = "hub/" + repo_ + "/blobs/" + blob.name;
    if (blob.kind != BlobKind::xet) {
      if (blob.disk && !place_.exists(name)) place_.file(name, *blob.disk);
      return;
    }
    const std::string payload = "blobs/" + blob.xet.substr(0, 2) + "/" + blob.xet;
    const std::string marker = "hub/blobs/.huggingface-shared-blobs";
    if (!place_.exists(marker)) place_.file(marker, Content("1\n"), 0444);
    if (!place_.exists("hub/" + payload + ".refs"))
      place_.file("hub/" + payload + ".refs", Content(), 0666);
    if (blob.disk && !place_.exists("hub/" + payload))
      place_.file("hub/" + payload, *blob.disk, 0444);
    place_.append("hub/" + payload + ".refs", repo_ + "/blobs/" + blob.name + "\n");
    place_.link(name, "../../" + payload);
  }

  bool make(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "dir") {
      count(words, 2, 2);
      place_.directory(path(words[1]));
    } else if (verb == "file") {
      place_.file(path(words.at(1)),
                  parse_content(Words(words.begin() + 2, words.end()), words[1], blobs_));
    } else if (verb == "link") {
      count(words, 4, 4);
      if (words[2] != "->") throw std::runtime_error("link PATH -> TARGET");
      place_.link(path(words[1]), words[3]);
    } else if (verb == "hardlink") {
      count(words, 3, 3);
      place_.hardlink(path(words[1]), path(words[2]));
    } else if (verb == "fifo" || verb == "socket") {
      count(words, 2, 2);
      verb == "fifo" ? place_.fifo(path(words[1])) : place_.socket(path(words[1]));
    } else if (verb == "ref") {
      count(words, 3, 3);
      place_.file(path("@/refs/" + words[1]), Content(words[2]));
    } else if (verb == "no-exist") {
      count(words, 3, 3);
      place_.file(path("@/.no_exist/" + words[1] + "/" + words[2]), Content());
    } else if (verb == "soft-lock") {
      place_.file(path(words.at(1)),
                  Content(soft_lock(Words(words.begin() + 2, words.end()), live_pid())));
    } else {
      return false;
    }
    return true;
  }

  // `owner`, `mode` and `mtime` act when everything is made.
  bool adorn(const Words& words) {
    const std::string& verb = words[0];
    if (verb != "owner" && verb != "mode" && verb != "mtime") return false;
    count(words, 3, 4);
    const bool all = words.size() == 4;
    if (all && words[3] != "all") throw std::runtime_error("unexpected " + words[3]);
    const std::string where = path(words[1]), &value = words[2];
    if (verb == "owner") {
      const uid_t id = value == "user"    ? options_.user
                       : value == "other" ? options_.other
                       : value == "root"  ? 0
                                          : static_cast<uid_t>(parse_size(value));
      if (geteuid() != 0) throw NeedsRoot("changing an owner needs root");
      owners_.emplace_back([=, this] { place_.owner(where, id, id, all); });
    } else if (verb == "mode") {
      const auto mode = static_cast<mode_t>(std::stoul(value, nullptr, 8));
      modes_.emplace_back([=, this] { place_.mode(where, mode, all); });
    } else {
      const std::int64_t age = parse_age(value);
      times_.emplace_back([=, this] { place_.mtime(where, age, all); });
    }
    return true;
  }

  // A file of the repo as the Hub lists it.
  void list(const std::string& commit, const std::string& path, const Blob& blob) {
    if (!hub_) return;
    const char* kind = blob.kind == BlobKind::git ? "git" : "lfs";
    listing_ += repo_ + '\t' + commit + '\t' + path + '\t' + blob.name + '\t' + kind + '\n';
  }

  void block(const Words& head, const std::vector<Line>& lines) {
    const std::string& verb = head[0];
    if (verb == "snapshot") {
      count(head, 2, 2);
      place_.directory(path("@/snapshots/" + head[1]));
      for (const Line& line : lines)
        at(line, [&] { entry(head[1], split_words(line.text, variables_)); });
    } else if (verb == "local") {
      count(head, 3, 4);
      for (const Line& line : lines)
        at(line, [&] { local_file(head, split_words(line.text, variables_)); });
    } else {
      tree(head, lines);
    }
  }

  // PATH -> $blob, PATH -> other/target, PATH => $blob (absolute), PATH = $blob (a copy), PATH =
  // CONTENT
  void entry(const std::string& commit, const Words& words) {
    if (words.size() < 3)
      throw std::runtime_error("PATH -> TARGET, PATH => TARGET or PATH = CONTENT");
    const std::string &name = words[0], &arrow = words[1], &target = words[2];
    const std::string where = path("@/snapshots/" + commit + "/" + name);
    const auto known = blobs_.find(target);
    if (arrow == "->") {
      const bool is_blob = target.find('/') == std::string::npos;
      const auto folder = fs::path("/snapshots/" + commit + "/" + name).parent_path();
      const auto blob = fs::path("/blobs/" + target);
      place_.link(where, is_blob ? blob.lexically_relative(folder).native() : target);
    } else if (arrow == "=>") {
      place_.link(where, place_.absolute(path("@/blobs/" + target)));
    } else if (arrow == "=" && known != blobs_.end()) {
      place_.file(where, known->second.disk.value_or(known->second.content));
    } else if (arrow == "=") {
      place_.file(where, parse_content(Words(words.begin() + 2, words.end()), name, blobs_));
    } else {
      throw std::runtime_error("unexpected " + arrow);
    }
    if (known == blobs_.end()) return;
    entries_[commit].emplace_back(name, target);
    list(commit, name, known->second);
  }

  // tree $C [of snapshot] [version:2] { PATH $blob [size:N] }
  void tree(const Words& head, const std::vector<Line>& lines) {
    std::map<std::string, std::string> files;
    std::string version = "1";
    for (auto word = head.begin() + 2; word != head.end(); ++word) {
      if (word->starts_with("version:")) version = word->substr(8);
    }
    if (std::find(head.begin(), head.end(), "snapshot") != head.end()) {
      for (const auto& [name, blob] : entries_[head.at(1)])
        files[name] = tree_value(blobs_.at(blob), {});
    }
    for (const Line& line : lines) {
      at(line, [&] {
        const Words words = split_words(line.text, variables_);
        count(words, 2, 3);
        std::optional<std::uint64_t> size;
        if (words.size() == 3) size = parse_size(std::string_view(words[2]).substr(5));
        files[words[0]] = tree_value(blobs_.at(words[1]), size);
        list(head.at(1), words[0], blobs_.at(words[1]));
      });
    }
    std::string json = "{\n \"format_version\": " + version + ",\n \"files\": {";
    for (const auto& [name, value] : files) {
      json += std::string(json.back() == '{' ? "" : ",") + "\n  \"" + name + "\": " + value;
    }
    place_.file(path("@/trees/" + head.at(1) + ".json"), Content(json + "\n }\n}"), 0600);
  }

  // local DIR $C [.huggingface] { PATH $blob }: the files of a --local-dir download and their
  // metadata
  void local_file(const Words& head, const Words& words) {
    count(words, 2, 2);
    const Blob& blob = blobs_.at(words[1]);
    list(head[2], words[0], blob);
    if (blob.disk) place_.file(head[1] + "/" + words[0], *blob.disk);
    const std::string folder = head.size() == 4 ? head[3] : ".cache/huggingface";
    place_.file(head[1] + "/" + folder + "/download/" + words[0] + ".metadata",
                Content(head[2] + "\n" + blob.name + "\n" + variables_["now"] + ".25\n"));
  }

  FixtureRoot place_;
  std::optional<FixtureRoot> hub_;
  std::string listing_;
  Options options_;
  std::string repo_;
  Variables variables_;
  Blobs blobs_;
  // path and blob, by commit
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> entries_;
  std::vector<std::function<void()>> owners_, modes_, times_;
};

}  // namespace

Variables materialise(std::string_view tree_text, const std::string& dest, const Options& options) {
  return Interpreter(dest, options).run(tree_text);
}

Variables materialise_file(const std::string& case_file, const std::string& dest,
                           const Options& options) {
  std::ifstream file(case_file, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + case_file);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return materialise(split_case(text).tree, dest, options);
}

}  // namespace hfaudit::fixture
