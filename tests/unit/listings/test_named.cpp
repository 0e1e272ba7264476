// What files of a repo name, as the loaders of the ecosystem read them.
#include "catch_any.hpp"
#include "listings/named.hpp"
#include "reading.hpp"

using namespace hfaudit;

namespace {

// "code a.py|a/ ; dependency b/c ; …"
std::string told(const std::vector<Named>& named) {
  static constexpr const char* kinds[] = {"",         "part ", "listed ",
                                          "weights ", "code ", "dependency "};
  std::string text;
  for (const auto& one : named) {
    text += (text.empty() ? "" : "; ") + std::string(kinds[static_cast<int>(one.kind)]) + one.repo;
    for (std::size_t i = 0; i < one.paths.size(); ++i)
      text += (i == 0 ? "" : "|") + one.paths[i];
    if (one.least_bytes != 0) text += " >= " + std::to_string(one.least_bytes);
  }
  return text;
}

std::string named_by(const std::string& path, const std::string& text) {
  auto source = test::memory(text);
  const auto named = read_named(naming_format_of(path), path, source);
  return named ? told(*named) : "error";
}

// Protobuf: a field of bytes, a field of a number.
std::string bytes_field(unsigned field, const std::string& bytes) {
  std::string text;
  const auto varint = [&text](std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U)
      text += static_cast<char>(value | 0x80U);
    text += static_cast<char>(value);
  };
  varint(field << 3U | 2U);
  varint(bytes.size());
  return text + bytes;
}
std::string number_field(unsigned field, char value) {
  return std::string{static_cast<char>(field << 3U), value};
}
std::string entry(const std::string& key, const std::string& value) {
  return bytes_field(13, bytes_field(1, key) + bytes_field(2, value));
}
std::string external(const std::string& location) {
  return number_field(2, 1) + bytes_field(8, "w") + entry("location", location) +
         number_field(14, 1);
}
std::string onnx(const std::string& graph) {
  return number_field(1, 8) + bytes_field(7, graph);
}

}  // namespace

TEST_CASE("auto_map names code in texts and lists, here and in other repos") {
  CHECK(named_by("config.json",
                 R"({"auto_map":{"AutoConfig":"configuration_x.X","AutoModel":"modeling_x.X"}})") ==
        "code configuration_x.py; code modeling_x.py");
  CHECK(named_by("tokenizer_config.json",
                 R"({"auto_map":{"AutoTokenizer":["tokenization_x.X",null]}})") ==
        "code tokenization_x.py");
  CHECK(named_by("config.json", R"({"auto_map":{"AutoModel":"jinaai/jina-bert--modeling_bert.X",)"
                                R"("AutoConfig":"jinaai/jina-bert--configuration_bert.X"}})") ==
        "dependency jinaai/jina-bert");
  CHECK(named_by("config.json", R"({"_name_or_path":"a/b","model_type":"x"})").empty());
  CHECK(named_by("config.json", R"({"text":"\"auto_map\"","architectures":["A.B"]})").empty());
  // loaders refuse these
  CHECK(named_by("config.json", R"({"auto_map":{"A":"a.b.C","B":"C","D":"../x.Y","E":".Y"}})")
            .empty());
  CHECK(named_by("config.json", R"({"auto_map":{"A":7},"x":{"auto_map":{"A":"a.B"}}})").empty());
  // of a folder: loaders look in the root
  CHECK(named_by("unet/config.json", R"({"auto_map":{"A":"a.B"}})").empty());
}

TEST_CASE("a file that breaks off names nothing") {
  CHECK(named_by("config.json", R"({"auto_map":{"AutoConfig":"configuration_x.X")").empty());
  CHECK(named_by("modules.json", std::string(40, '\0')).empty());
  CHECK(named_by("adapter_config.json", "").empty());
}

TEST_CASE("modules.json names what sentence-transformers reads") {
  const auto module = [](const std::string& path, const std::string& type) {
    return named_by("modules.json",
                    R"([{"idx":0,"name":"0","path":")" + path + R"(","type":")" + type + R"("}])");
  };
  const std::string own = "sentence_transformers.models.";
  CHECK(module("", own + "Transformer") == "config.json|adapter_config.json; weights ");
  CHECK(module("0_Transformer", own + "Transformer") ==
        "0_Transformer/config.json|0_Transformer/adapter_config.json; weights 0_Transformer/");
  CHECK(module("1_Pooling", own + "Pooling") == "1_Pooling/config.json");
  CHECK(module("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling") ==
        "1_Pooling/config.json");
  CHECK(module("1_SpladePooling", "sentence_transformers.sparse_encoder.models.SpladePooling") ==
        "1_SpladePooling/config.json");
  CHECK(module("2_Dense", own + "Dense") ==
        "2_Dense/config.json; 2_Dense/model.safetensors|2_Dense/pytorch_model.bin");
  CHECK(module(".", own + "StaticEmbedding") ==
        "tokenizer.json; model.safetensors|pytorch_model.bin");
  CHECK(module("2_Normalize", own + "Normalize").empty());
  CHECK(module("3_New", own + "SomethingNew").empty());
  CHECK(module("../x", own + "Pooling").empty());
  CHECK(module("", "custom_st.Transformer") == "code custom_st.py");
  CHECK(module("1_Dense", "pylate.models.Dense.Dense").empty());  // an installed package
}

TEST_CASE("adapters name their base, if it is a repo") {
  const auto base = [](const std::string& name) {
    return named_by("adapter_config.json", R"({"base_model_name_or_path":")" + name + R"("})");
  };
  CHECK(base("acme/base") == "dependency acme/base");
  CHECK(base("gpt2") == "dependency gpt2");
  for (const auto* path : {"/data/base", "./base", "../base", "~/base", "a/b/c", "C:\\\\base", "",
                           "acme/", "/", "a--b/c"})
    CHECK(base(path).empty());
  CHECK(named_by("adapter_config.json", R"({"base_model_name_or_path":null})").empty());
}

TEST_CASE("other manifests") {
  CHECK(named_by("cpu/genai_config.json",
                 R"({"model":{"decoder":{"filename":"d.onnx","inputs":{"input_ids":"i"}},)"
                 R"("vision":{"filename":"v.onnx","config_filename":"p.json"},)"
                 R"("speech":{"filename":""},"type":"x"},"search":{"filename":"n"}})") ==
        "cpu/d.onnx; cpu/v.onnx; cpu/p.json");
  CHECK(named_by("genai_config.json",
                 R"({"model":{"decoder":{"pipeline":[{"embed":{"filename":"e.onnx"}}]}}})") ==
        "e.onnx");
  CHECK(named_by("a/M.mlpackage/Manifest.json",
                 R"({"itemInfoEntries":{"1":{"path":"com.apple.CoreML/weights","name":"w"}}})") ==
        "a/M.mlpackage/Data/com.apple.CoreML/weights|a/M.mlpackage/Data/com.apple.CoreML/weights/");
  CHECK(named_by("Manifest.json", R"({"itemInfoEntries":{"1":{"path":"x"}}})").empty());
  CHECK(named_by("ndarray-cache.json",
                 R"({"records":[{"dataPath":"p_0.bin","records":[{"name":"a"}]},)"
                 R"({"dataPath":"p_1.bin"}]})") == "p_0.bin; p_1.bin");
  CHECK(named_by("web/model.json", R"({"modelTopology":{},"weightsManifest":[)"
                                   R"({"paths":["g-shard1of2.bin","g-shard2of2.bin"]}]})") ==
        "web/g-shard1of2.bin; web/g-shard2of2.bin");
  CHECK(named_by("train/state.json", R"({"_data_files":[{"filename":"data-00000-of-00002.arrow"},)"
                                     R"({"filename":"data-00001-of-00002.arrow"}]})") ==
        "part train/data-00000-of-00002.arrow; part train/data-00001-of-00002.arrow");
  CHECK(named_by("open_clip_config.json",
                 R"({"model_cfg":{"text_cfg":{"hf_tokenizer_name":"xlm-roberta-base"}}})") ==
        "dependency xlm-roberta-base");
  CHECK(named_by("model_index.json",
                 R"({"_class_name":["my_pipeline","MyPipeline"],"unet":["diffusers","U"]})") ==
        "code my_pipeline.py");
  CHECK(named_by("model_index.json", R"({"_class_name":"P","unet":["diffusers","U"]})").empty());
}

TEST_CASE("an OpenVINO model names its weights, and no other XML does") {
  CHECK(named_by("a/model.xml", "<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\">") ==
        "a/model.bin");
  CHECK(named_by("a/model.xml", "<?xml version=\"1.0\"?><annotation/>").empty());
  CHECK(named_by("a/model.xml", "").empty());
}

TEST_CASE("imports beside the code are followed as transformers does") {
  const auto imports = [](const std::string& text) {
    return told(relative_imports("a/m.py", text));
  };
  CHECK(imports("import torch\nfrom .x import y\n  from .z import (\n") ==
        "code a/x.py|a/x/; code a/z.py|a/z/");
  CHECK(imports("from . import x\nfrom ..x import y\nfrom .x.y import z\nfrom torch import nn\n")
            .empty());
  CHECK(imports("# from .x import y\nx = 'from .x import y'\nfrom .x\nfrom .\nfrom ").empty());
}

TEST_CASE("ONNX names the files of its tensors, wherever these stand") {
  const auto initializer = [](const std::string& tensor) { return bytes_field(5, tensor); };
  const auto node = [](const std::string& attribute) {
    return bytes_field(1, bytes_field(1, "in") + bytes_field(5, attribute));
  };
  CHECK(named_by("onnx/m.onnx", onnx(initializer(external("m.onnx_data")))) == "onnx/m.onnx_data");
  CHECK(named_by("m.onnx", onnx(initializer(external("d/a")) + initializer(external("./b")) +
                                initializer(external("d/a")))) == "b; d/a");
  // a constant; a subgraph; a list of graphs; a sparse initializer; a function
  CHECK(named_by("m.onnx", onnx(node(bytes_field(5, external("c"))))) == "c");
  CHECK(named_by("m.onnx", onnx(node(bytes_field(6, initializer(external("s")))))) == "s");
  CHECK(named_by("m.onnx", onnx(node(bytes_field(11, initializer(external("g")))))) == "g");
  CHECK(named_by("m.onnx", onnx(bytes_field(15, bytes_field(1, external("p"))))) == "p");
  CHECK(named_by(
            "m.onnx",
            number_field(1, 8) +
                bytes_field(25, bytes_field(7, bytes_field(5, bytes_field(5, external("f")))))) ==
        "f");
  // data in the file itself, whatever else it says
  CHECK(named_by("m.onnx", onnx(initializer(number_field(2, 1) + bytes_field(9, "raw data") +
                                            entry("location", "x"))))
            .empty());
  for (const auto* location : {"../x", "/x", "", "*/_ORT_MEM_ADDR_/*"})
    CHECK(named_by("m.onnx", onnx(initializer(external(location)))).empty());
}

TEST_CASE("ONNX says how long the other file must be") {
  const auto tensor = [](const std::string& offset, const std::string& length) {
    return bytes_field(5, external("d") + entry("offset", offset) + entry("length", length));
  };
  CHECK(named_by("m.onnx", onnx(tensor("0", "100") + tensor("4096", "50"))) == "d >= 4146");
  CHECK(named_by("m.onnx", onnx(tensor("18446744073709551615", "2"))) == "d");
  CHECK(named_by("m.onnx", onnx(tensor("x", "-1"))) == "d");
}

TEST_CASE("an ONNX file of gigabytes is not read whole") {
  // 4,000,000,000 bytes of raw_data in the first of two tensors
  const std::uint64_t raw = 4'000'000'000;
  std::string varint;
  for (auto value = raw; value != 0; value >>= 7U)
    varint += static_cast<char>((value & 0x7FU) | (value >= 0x80 ? 0x80U : 0U));
  const auto head = number_field(2, 1) + std::string{static_cast<char>(9 << 3 | 2)} + varint;
  // the lengths of tensor and graph are as long as that of raw_data
  const auto length = [](std::uint64_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7U)
      text += static_cast<char>(value | 0x80U);
    return text + static_cast<char>(value);
  };
  const auto tensor = std::string{5 << 3 | 2} + length(head.size() + raw) + head;
  const auto text =
      number_field(1, 8) + std::string{7 << 3 | 2} + length(tensor.size() + raw) + tensor;
  test::EndlessSource source(text.size() + raw, text, "w");
  const auto named = read_onnx_externals("m.onnx", source);
  REQUIRE(named);
  CHECK(named->empty());
  CHECK(source.bytes < 100'000);
}

TEST_CASE("damaged ONNX ends the reading") {
  for (const auto& text : {std::string("not protobuf at all"), std::string(100, '\xFF'),
                           std::string(100, '\0'), onnx(external("x")).substr(0, 9)})
    CHECK(named_by("m.onnx", text).empty());
  // graphs in graphs without end
  std::string nested;
  for (int i = 0; i < 200; ++i)
    nested = bytes_field(1, bytes_field(5, bytes_field(6, nested)));
  CHECK(named_by("m.onnx", onnx(nested)).empty());
  test::FailingSource failing(onnx(external("x")), 0);
  CHECK_FALSE(read_onnx_externals("m.onnx", failing));
}

TEST_CASE("graphs name the weights beside them") {
  CHECK(named_by("a/m.pdmodel", "x") == "a/m.pdiparams");
  CHECK(named_by("inference.json", R"({"base_code":{"magic":"pir"}})") == "inference.pdiparams");
  CHECK(named_by("inference.json", "{}").empty());
  CHECK(named_by("m.ncnn.param", "7767517\n1 1\n") == "m.ncnn.bin");
  CHECK(named_by("m.param", "x").empty());
  const std::string header("\0\0\x04\x08\x02", 5);
  CHECK(named_by("m.ckpt-1.index", header) ==
        "m.ckpt-1.data-00000-of-00002; m.ckpt-1.data-00001-of-00002");
  CHECK(named_by("s/variables/variables.index", "x")
            .starts_with("s/variables/variables.data-00000-of-00001|"));
  CHECK(named_by("m.mlmodelc/model.mil",
                 R"(BLOBFILE(path = tensor<string, []>("@model_path/weights/weight.bin"))
                    BLOBFILE(path = tensor<string, []>("@model_path/weights/weight.bin"))
                    BLOBFILE(path = tensor<string, []>("@model_path/../../x")))") ==
        "m.mlmodelc/weights/weight.bin");
}

TEST_CASE("configurations name files of their libraries") {
  CHECK(named_by("config.json", R"({"sklearn":{"model":{"file":"m.pkl"}}})") == "m.pkl");
  CHECK(named_by("config.json", R"({"custom_pipelines":{"t":{"impl":"p.X"}}})") == "code p.py");
  CHECK(named_by("config.json", R"({"llm_model":"m.mnn","llm_weight":"m.mnn.weight"})") ==
        "m.mnn; m.mnn.weight");
  CHECK(named_by("config.json", R"({"pretrained_config":{"mapping":{"world_size":2}}})") ==
        "part rank0.engine; part rank1.engine");
  CHECK(named_by("config.json", R"({"mapping":{"world_size":1}})") == "part rank0.safetensors");
  CHECK(named_by("config.json", R"({"mapping":{"world_size":18446744073709551615}})").size() <
        40'000);
  CHECK(named_by("router_config.json", R"({"types":{"query_0_X":"x.X"}})") == "query_0_X/");
  CHECK(named_by("router_config.json",
                 R"({"types":{"d":"sentence_transformers.models.Transformer"}})") ==
        "d/; d/config.json|d/adapter_config.json; weights d/");
  CHECK(named_by("a/dataset_dict.json", R"({"splits":["train","../x"]})") ==
        "part a/train/state.json");
  CHECK(named_by("index.json", R"({"shards":[{"raw_data":{"basename":"s.00000.mds"}}]})")
            .starts_with("part s.00000.mds|s.00000.mds.zstd|"));
  CHECK(named_by("checklist.chk", "d41d8cd98f00b204e9800998ecf8427e  consolidated.00.pth\nx\n") ==
        "part consolidated.00.pth");
}

TEST_CASE("a distributed checkpoint names the files of its ranks") {
  const auto pickle = [](const std::string& text) { return named_by("a/.metadata", text); };
  CHECK(pickle("\x80\x02X\x0c__0_0.distcpq\x01X\x0d__12_3.distcpq\x02X\x0c__0_0.distcp") ==
        "a/__0_0.distcp; a/__12_3.distcp");
  CHECK(pickle("x.distcp _0.distcp ___0.distcp __0_.distcp __.distcp .distcp distcp").empty());
  CHECK(pickle("../__0_0.distcp") == "a/__0_0.distcp");
}

TEST_CASE("lines of hfd's list name files of any revision, whole lines only") {
  const std::string url = "https://huggingface.co/acme/six/resolve/";
  const auto list = [](const std::string& text) { return named_by(".hfd/aria2c_urls.txt", text); };
  CHECK(list(url + "main/unet/config.json\n  dir=unet\n  out=config.json\n") == "unet/config.json");
  CHECK(list(url + "refs/pr/3/config.json\n") == "config.json");
  CHECK(list(url + "refs/convert/parquet/a/0.parquet\n") == "a/0.parquet");
  CHECK(list(url + "refs/pr/3\n").empty());
  CHECK(list(url + "main\n").empty());
  const std::string line = url + "main/a\n";
  const std::string text = line +
                           std::string(4 * 1024 * 1024 - line.size() - url.size() - 10, ' ') +
                           "\n" + url + "main/weights-00001.bin\n";
  CHECK(list(text) == "a");
}
