// LeRobot's meta/info.json (lerobot/datasets/utils.py, DatasetInfo; dataset_metadata.py,
// _load_metadata()): templates of paths, and how many episodes there are.
//
//   v2.x: data_path "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet", a file an
//         episode, and one an episode and camera by video_path; meta/episodes.jsonl,
//         meta/tasks.jsonl
//   v3.0: several episodes a file, which the tables in meta/episodes/ name; meta/tasks.parquet
//
// Episodes may be loaded alone, and LeRobotDatasetMetadata loads meta/ alone.
#include <algorithm>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "listings/named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_files = 20'000;

class InfoHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) top_ = key;
    if (level == 2) feature_ = key;
    if (level == 3) field_ = key;
    return true;
  }
  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    const bool is_text = value.kind == JsonKind::text;
    if (level == 1 && is_text && top_ == "codebase_version") version = value.text;
    if (level == 1 && is_text && top_ == "data_path") data_path = value.text;
    if (level == 1 && is_text && top_ == "video_path") video_path = value.text;
    if (level == 1 && value.kind == JsonKind::count) {
      if (top_ == "total_episodes") episodes = value.count;
      if (top_ == "total_tasks") tasks = value.count;
      if (top_ == "chunks_size") chunk = value.count;
    }
    if (level == 3 && is_text && top_ == "features" && field_ == "dtype" && value.text == "video")
      videos.push_back(feature_);
    return true;
  }
  bool on_close(std::size_t) override { return true; }

  std::string version, data_path, video_path;
  std::vector<std::string> videos;
  std::uint64_t episodes = 0, tasks = 0, chunk = 0;

 private:
  std::string top_, feature_, field_;
};

[[nodiscard]] std::string with_zeros(std::uint64_t number, std::size_t width) {
  auto text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

// `{name}` and `{name:06d}`; nullopt for any other field.
[[nodiscard]] std::optional<std::string> filled(std::string_view path, std::uint64_t chunk,
                                                std::uint64_t episode, const std::string& video) {
  std::string text;
  while (true) {
    const auto open = path.find('{');
    text += path.substr(0, open);
    if (open == std::string_view::npos) return text;
    const auto close = path.find('}', open);
    if (close == std::string_view::npos) return std::nullopt;
    const auto field = path.substr(open + 1, close - open - 1);
    const auto colon = field.find(':');
    const auto name = field.substr(0, colon);
    std::size_t width = 0;
    if (colon != std::string_view::npos) {
      const auto form = field.substr(colon + 1);
      if (form.size() != 3 || form[0] != '0' || form[1] < '1' || form[1] > '9' || form[2] != 'd')
        return std::nullopt;
      width = static_cast<std::size_t>(form[1] - '0');
    }
    if (name == "episode_chunk")
      text += with_zeros(chunk, width);
    else if (name == "episode_index")
      text += with_zeros(episode, width);
    else if (name == "video_key" && !video.empty())
      text += video;
    else
      return std::nullopt;
    path.remove_prefix(close + 1);
  }
}

class DatasetNames {
 public:
  explicit DatasetNames(const std::string& path) : path_(path) {}

  [[nodiscard]] std::vector<Named> of(const InfoHandler& info) {
    const bool table = info.version.starts_with("v3");
    if ((!table && !info.version.starts_with("v2")) || info.episodes == 0) return {};
    add_meta(table ? "meta/episodes/" : "meta/episodes.jsonl");
    if (info.tasks > 0) add_meta(table ? "meta/tasks.parquet" : "meta/tasks.jsonl");
    if (table) {
      add(NamedKind::listed, "data/");
      if (!info.video_path.empty() && !info.videos.empty()) add(NamedKind::listed, "videos/");
      return std::move(named_);
    }
    if (info.chunk == 0) return std::move(named_);
    // not by the files that were named: unsafe templates name none
    const auto most = std::min<std::uint64_t>(info.episodes, most_files / (1 + info.videos.size()));
    for (std::uint64_t i = 0; i < most; ++i) {
      add_filled(info.data_path, i / info.chunk, i, {});
      for (const auto& video : info.videos)
        add_filled(info.video_path, i / info.chunk, i, video);
    }
    return std::move(named_);
  }

 private:
  void add(NamedKind kind, std::string path) {
    const auto bare = std::string_view(path).substr(0, path.size() - (path.ends_with('/') ? 1 : 0));
    if (!is_safe_relative_path(bare)) return;
    Named one;
    one.kind = kind;
    one.paths = {std::move(path)};
    one.named_by = path_;
    named_.push_back(std::move(one));
  }
  // Loaders read all of them; one alone is a look at the data set.
  void add_meta(const std::string& path) {
    add(NamedKind::part, path);
    add(NamedKind::listed, path);
  }
  void add_filled(std::string_view form, std::uint64_t chunk, std::uint64_t episode,
                  const std::string& video) {
    if (auto path = filled(form, chunk, episode, video); path && !path->empty())
      add(NamedKind::listed, std::move(*path));
  }

  const std::string& path_;
  std::vector<Named> named_;
};

}  // namespace

std::vector<Named> named_in_lerobot(const std::string& path, std::string_view text) {
  InfoHandler info;
  MemorySource source({text.data(), text.size()});
  const auto end = read_json(source, 0, text.size(), info);
  if (!end || *end != JsonEnd::complete) return {};
  return DatasetNames(path).of(info);
}

}  // namespace hfaudit
