// YAML files that name others, and LeRobot's info.json.
#include "catch_any.hpp"
#include "listings/named.hpp"

using namespace hfaudit;

namespace {

// "kind path" of each, in order; of a dependency its repo.
std::string yaml_names(const std::vector<Named>& named) {
  std::string text;
  for (const auto& one : named) {
    const std::string_view kind = one.kind == NamedKind::part         ? "part "
                                  : one.kind == NamedKind::listed     ? "listed "
                                  : one.kind == NamedKind::dependency ? "repo "
                                                                      : "? ";
    text += text.empty() ? "" : ", ";
    text += std::string(kind) + (one.paths.empty() ? one.repo : one.paths.front());
  }
  return text;
}

std::string pipeline(std::string_view text) {
  return yaml_names(named_in_yaml(NamingFormat::pyannote, "config.yaml", text));
}

std::string space(std::string_view text) {
  return yaml_names(named_in_yaml(NamingFormat::space, "README.md", text));
}

}  // namespace

TEST_CASE("a pipeline of pyannote names repos and folders below its params") {
  const std::string head = "pipeline:\n  name: pyannote.audio.pipelines.X\n  params:\n";
  CHECK(pipeline(head + "    segmentation: pyannote/segmentation-3.0@v1  # x\n") ==
        "repo pyannote/segmentation-3.0");
  CHECK(pipeline(head + "    a: $model/seg\n    b: 'acme/b'\nparams:\n  c: acme/c\n") ==
        "part seg/, listed seg/, repo acme/b");
  CHECK(pipeline(head + "    a: ./models/seg\n    b: /x/y\n    c: $model/../x\n").empty());
  CHECK(pipeline("pipeline:\n  params:\n    a: acme/a\n").empty());  // of another library
  CHECK(pipeline("").empty());
}

TEST_CASE("the Pretrainer of SpeechBrain names what it collects") {
  const std::string text =
      "pretrained_path: acme/x\npretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer\n"
      "  loadables:\n    a: !ref <a>\n  paths:\n    a: !ref <pretrained_path>/a.ckpt\n"
      "    b: !ref <other>/b.ckpt\n";
  CHECK(yaml_names(named_in_yaml(NamingFormat::speechbrain, "hyperparams.yaml", text)) ==
        "part a.ckpt, listed a.ckpt");
  const auto repo_of = [&](const std::string& from) {
    const auto named = named_in_yaml(NamingFormat::speechbrain, "hyperparams.yaml",
                                     from + text.substr(text.find('\n') + 1));
    return named.empty() ? "none" : named.front().repo;
  };
  CHECK(repo_of("pretrained_path: acme/x\n") == "acme/x");
  CHECK(repo_of("pretrained_path: ./here\n").empty());
  CHECK(repo_of("pretrained_path: /data/x\n").empty());
  CHECK(repo_of("").empty());
}

TEST_CASE("the front matter of a Space names its file") {
  CHECK(space("---\nsdk: gradio\napp_file: app.py\n---\n") == "listed app.py");
  CHECK(space("---\nsdk: docker\napp_file: app.py\n---\n").empty());
  CHECK(space("---\nsdk: static\napp_build_command: x\napp_file: dist/a.html\n---\n").empty());
  CHECK(space("# Space\nsdk: gradio\napp_file: app.py\n").empty());
  CHECK(space("---\nsdk: gradio\n---\napp_file: app.py\n").empty());
  CHECK(space("---\nsdk: gradio\napp_file: ../app.py\n---\n").empty());
}

TEST_CASE("LeRobot's info.json has templates and counts") {
  const auto info = [](const std::string& text) {
    return yaml_names(named_in_lerobot("meta/info.json", text));
  };
  CHECK(info(R"({"codebase_version":"v3.0","total_episodes":2,"total_tasks":1})") ==
        "part meta/episodes/, listed meta/episodes/, part meta/tasks.parquet, "
        "listed meta/tasks.parquet, listed data/");
  CHECK(info(R"({"codebase_version":"v2.0","total_episodes":3,"chunks_size":2,)"
             R"("data_path":"d/{episode_chunk:02d}/{episode_index}.parquet"})") ==
        "part meta/episodes.jsonl, listed meta/episodes.jsonl, listed d/00/0.parquet, "
        "listed d/00/1.parquet, listed d/01/2.parquet");
  for (const std::string path :
       {"d/{x}", "d/{episode_index:x}", "d/{episode_index", "../{episode_index}"}) {
    INFO(path);
    CHECK(info(R"({"codebase_version":"v2.0","total_episodes":1,"chunks_size":1,"data_path":")" +
               path + "\"}") == "part meta/episodes.jsonl, listed meta/episodes.jsonl");
  }
  // any number of episodes, and templates that name none
  const std::string endless =
      R"({"codebase_version":"v2.1","total_episodes":18446744073709551615,"chunks_size":1)";
  CHECK(info(endless + "}") == "part meta/episodes.jsonl, listed meta/episodes.jsonl");
  std::string videos;
  for (int i = 0; i < 1000; ++i)
    videos += (i == 0 ? "\"v" : ",\"v") + std::to_string(i) + R"(":{"dtype":"video"})";
  CHECK(info(endless + R"(,"video_path":"../{video_key}","features":{)" + videos + "}}") ==
        "part meta/episodes.jsonl, listed meta/episodes.jsonl");
  CHECK(info(R"({"codebase_version":"v1.6","total_episodes":3})").empty());
  CHECK(info(R"({"total_episodes":18446744073709551615})").empty());
  CHECK(info("[]").empty());
}

TEST_CASE("some files lie beside others by their names") {
  const auto beside = [](const std::string& path) {
    const auto named = companions_by_name(path);
    return named.empty() ? std::string() : named.front().paths.front();
  };
  CHECK(beside("openvino/openvino_model_qint8.bin") == "openvino/openvino_model_qint8.xml");
  CHECK(companions_by_name("openvino_cache.bin").empty());
  CHECK(beside("A.mlmodelc/metadata.json") == "A.mlmodelc/coremldata.bin");
  CHECK(beside("a/__0_0.distcp") == "a/.metadata");
  CHECK(companions_by_name("a/__0_0.distcp").front().paths ==
        std::vector<std::string>{"a/.metadata", "a/__0.metadata"});
  CHECK(companions_by_name("__3_1.distcp").front().paths ==
        std::vector<std::string>{".metadata", "__3.metadata", "__0.metadata"});
  CHECK(beside("ner/cfg") == "ner/model");
  CHECK(beside("cfg").empty());
  CHECK(beside("bert.ckpt.data-00000-of-00001") == "bert.ckpt.index");
  CHECK(companions_by_name("variables/variables.data-00000-of-00001").back().paths ==
        std::vector<std::string>{"saved_model.pb", "saved_model.pbtxt", "saved_model.cpb"});
  CHECK(beside("x.data-0-of-1").empty());
}
