// What a file of a repo is to a loader, by its name.
#include "catch_any.hpp"
#include "listings/file_role.hpp"

using namespace hfaudit;

TEST_CASE("configurations, tokenizers, code, documents and leftovers are no weights") {
  for (const auto* const path : {"config.json",
                                 "README.md",
                                 "LICENSE",
                                 ".gitattributes",
                                 "tokenizer.json",
                                 "tokenizer.model",
                                 "tokenizer.model.v3",
                                 "spiece.model",
                                 "sentencepiece.bpe.model",
                                 "source.spm",
                                 "vocab.txt",
                                 "merges.txt",
                                 "qwen.tiktoken",
                                 "tekken.json",
                                 "modeling_x.py",
                                 "Main.cs",
                                 "module.lua",
                                 "chat_template.jinja",
                                 "training_args.bin",
                                 "optimizer.pt",
                                 "rng_state_0.pth",
                                 "trainer_state.json",
                                 "events.out.tfevents.1700000000.host.1.0",
                                 "imgs/a.png",
                                 "model.safetensors.tmp",
                                 "model.safetensors.lnk",
                                 "model.safetensors.xltd",
                                 "m.gguf.torrent",
                                 "model.safetensors.index.json",
                                 "1_Pooling/config.json",
                                 "preprocessor_config.json",
                                 "sample.wav",
                                 ".DS_Store",
                                 "._model.safetensors",
                                 "model.safetensors:Zone.Identifier",
                                 "@eaDir/model.safetensors",
                                 "requirements.txt"}) {
    INFO(path);
    CHECK_FALSE(may_hold_weights(path));
  }
}

TEST_CASE("any other file may hold weights") {
  for (const auto* const path :
       {"model.safetensors", "pytorch_model.bin", "a.gguf", "weights.npz", "model.pkl",
        "sklearn_model.joblib", "saved_model.pb", "variables/variables.data-00000-of-00001",
        "model.pte", "rank0.engine", "model.json", "xgb_model.json", "lightgbm_model.txt",
        "encoder.unknown", "Model.mlpackage/Data/com.apple.CoreML/weights/weight.bin",
        "T.Q8_0.gguf.part1of2", "openvino_model.xml", "model.nemo", "data.parquet"}) {
    INFO(path);
    CHECK(may_hold_weights(path));
  }
}

TEST_CASE("files of operating systems and sync tools, in any folder") {
  for (const auto* const path : {".DS_Store", "imgs/.DS_Store", "._x", "a/._x.json", "desktop.ini",
                                 "Thumbs.db", "x:Zone.Identifier", "@eaDir/x/y",
                                 ".nfs00000000012345", ".syncthing.x.tmp", "__MACOSX/x"}) {
    INFO(path);
    CHECK(is_system_file(path));
  }
  for (const auto* const path :
       {"._", "x._y", "DS_Store", "eaDir/x", "model.safetensors", "lost+found"}) {
    INFO(path);
    CHECK_FALSE(is_system_file(path));
  }
}

TEST_CASE("copies of sync tools name their original") {
  CHECK(original_of_copy("config (1).json") == "config.json");
  CHECK(original_of_copy("a/config (x's conflicted copy 2026-01-01).json") == "a/config.json");
  CHECK(original_of_copy("config - Copy.json") == "config.json");
  CHECK(original_of_copy("config 2.json") == "config.json");
  CHECK(original_of_copy("config.json (1)") == "config.json");
  CHECK(original_of_copy("m.sync-conflict-20260101-120000-ABCDEFG.gguf") == "m.gguf");
  for (const std::string path :
       {"config.json", "model (fp16).json", " (1).json", "step 1000.pt", "(1)", "a b.json", ""}) {
    INFO(path);
    CHECK(original_of_copy(path).empty());
  }
}

TEST_CASE("unfinished downloads of other tools name their target") {
  CHECK(target_of_partial("m.gguf.crdownload") == "m.gguf");
  CHECK(target_of_partial("downloading_m.gguf.part") == "m.gguf");
  CHECK(target_of_partial("m.gguf").empty());
  CHECK(target_of_partial(".part").empty());
  CHECK(target_of_partial("m.gguf.aria2") == "m.gguf");
  CHECK(target_of_partial("m.gguf.st") == "m.gguf");
  CHECK(target_of_partial("notes.st").empty());
  CHECK(target_of_partial("m.gguf.baiduyun.p.downloading") == "m.gguf");
  CHECK(is_notes_name("m.gguf.lftp-pget-status"));
  CHECK_FALSE(is_notes_name("m.gguf.part"));
}
