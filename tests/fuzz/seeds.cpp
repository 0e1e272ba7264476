// Writes the inputs that the fuzzers begin with: valid files of every shape, and the same cut off.
//   hfaudit_fuzz_seeds FOLDER    -> FOLDER/<fuzzer>/<number>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "format_builders.hpp"
#include "formats/structure.hpp"

namespace {

using namespace hfaudit::test;
using Seeds = std::vector<std::string>;

const std::string oid(40, 'a');
const std::string sha(64, 'b');

Seeds trees() {
  const auto plain = R"({"size":519,"blob_id":")" + oid + R"("})";
  const auto lfs = R"({"size":9,"blob_id":")" + oid + R"(","lfs_sha256":")" + sha +
                   R"(","lfs_size":9,"xet_hash":")" + sha + R"("})";
  const std::string head = R"({"format_version":1,"files":{)";
  return {head + "}}",
          head + R"("config.json":)" + plain + "}}",
          head + R"("b":)" + plain + R"(,"a/model.safetensors":)" + lfs + R"(,"b":)" + plain + "}}",
          R"({"files":{"a":)" + lfs + R"(},"format_version":1.0})",
          R"({"format_version":2,"files":[]})",
          head + R"("\u00e9\ud83d\ude00":)" + plain +
              R"(},"new":[1,-2,3.5e2,NaN,-Infinity,null,true,false,"\n"]})"};
}

Seeds tree_pages() {
  const auto plain = R"({"type":"file","oid":")" + oid + R"(","size":2,"path":"config.json"})";
  const auto lfs = R"({"type":"file","oid":")" + oid +
                   R"(","size":9,"path":"a/m.bin","xetHash":")" + sha + R"(","lfs":{"oid":")" +
                   sha + R"(","size":9,"pointerSize":134}})";
  return {"[]", "[" + plain + "," + lfs + "]",
          R"([{"type":"directory","oid":")" + oid + R"(","size":0,"path":"a"}])",
          R"({"id":"acme/six","siblings":[{"rfilename":"a"}],"sha":")" + oid + R"("})",
          R"(<https://hub/api?cursor=1>; rel="next", </x>; rel=next)"};
}

Seeds weight_indices() {
  return {
      R"({"metadata":{"total_size":99},"weight_map":{"a":"m-00001-of-00002.bin","b":"m-00002-of-00002.bin"}})",
      R"({"weight_map":{"a":"./x","b":"sub/x"},"weight_map":{"c":"y"}})", R"({"weight_map":{}})"};
}

Seeds model_indices() {
  return {
      R"({"_class_name":"P","vae":["diffusers","A"],"unet":["diffusers","U"],"safety_checker":[null,null]})",
      R"({"x":true,"y":[["a","b"]],"z":{"a":["b","c"]},"vae":[1,2],"vae":["a","b"]})"};
}

Seeds named() {
  return {
      R"({"auto_map":{"AutoModel":"modeling_x.X","AutoTokenizer":["o/n--t.T",null]}})",
      R"([{"idx":0,"name":"0","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}])",
      R"({"base_model_name_or_path":"acme/base"})",
      R"({"_class_name":["p","P"]})",
      R"({"model":{"decoder":{"filename":"d.onnx"}}})",
      R"({"itemInfoEntries":{"a":{"path":"com.apple.CoreML/weights"}}})",
      R"(<?xml version="1.0"?><net name="m" version="11">)",
      R"({"records":[{"dataPath":"p_0.bin"}]})",
      R"({"weightsManifest":[{"paths":["a","b"]}]})",
      R"({"_data_files":[{"filename":"a.arrow"}]})",
      R"({"model_cfg":{"text_cfg":{"hf_tokenizer_name":"a/b"}}})",
      std::string(
          "\x08\x08\x3A\x1D\x2A\x1B\x10\x01\x42\x01w\x6A\x11\x0A\x08location\x12\x05m.dat\x70\x01",
          33)};
}

Seeds columns() {
  return {"PAR1" + std::string(20, 'd') + std::string("\x10\0\0\0PAR1", 8),
          "ARROW1" + std::string(30, 'd') + std::string("\x10\0\0\0ARROW1", 10),
          std::string("\xFF\xFF\xFF\xFF\x10\0\0\0", 8) + std::string(16, '\4'),
          std::string("\x89HDF\r\n\x1A\n\0\0\0\0\0\x08\x08", 15) + std::string(60, '\0')};
}

Seeds safetensors() {
  const auto tensor = [](const std::string& name, const std::string& dtype,
                         const std::string& shape, const std::string& offsets) {
    return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape +
           R"(],"data_offsets":[)" + offsets + "]}";
  };
  return {
      make_safetensors(200),
      safetensors_file("{}", 0),
      safetensors_file(R"({"__metadata__":{"format":"pt","n":"1"}}  )", 0),
      safetensors_file(
          "{" + tensor("b", "F32", "2,3", "24,48") + "," + tensor("a", "BF16", "12", "0,24") + "}",
          48),
      safetensors_file(
          "{" + tensor("a", "F4", "3,2", "0,3") + "," + tensor("e", "F64", "0", "3,3") + "}", 3),
      safetensors_file(
          "{" + tensor("a", "NEW", "7", "0,5") + "," + tensor("a", "I8", "4", "0,4") + "}", 4)};
}

Seeds ggufs() {
  constexpr std::uint32_t string_type = 8, array_type = 9, uint8_type = 0;
  const auto u64 = [](std::uint64_t value) { return little_endian_bytes(value); };
  const auto array = [&](std::uint32_t type, std::uint64_t count, const std::string& elements) {
    return little_endian_bytes(type) + u64(count) + elements;
  };
  Seeds seeds{make_gguf(600), GgufBuilder(2).tensor("a", 0, u64(4), 16).file(),
              GgufBuilder().file(), GgufBuilder(1).file()};
  seeds.push_back(
      GgufBuilder()
          .alignment(64)
          .pair("n", array_type, array(array_type, 1, array(uint8_type, 3, "abc")))
          .pair("s", array_type, array(string_type, 2, gguf_string("x") + gguf_string("")))
          .pair("f", 12, "12345678")
          .tensor("a", 2, u64(64), 36)
          .tensor("b", 12, u64(256) + u64(2), 288)
          .tensor("c", 39, u64(32), 17)
          .file());
  seeds.push_back(GgufBuilder()
                      .tensor("new", 99, u64(4), 4)
                      .tensor("fork", 39, u64(64), 16)
                      .tensor("a", 30, u64(2), 4)
                      .file());
  return seeds;
}

Seeds zips() {
  ZipBuilder zip;
  zip.member("archive/data.pkl", "pickle").member("archive/data/0", "wwww");
  return {make_torch_zip(600),
          zip.file(),
          zip.zip64_file(),
          zip.file("PK\5\6 in a comment"),
          ZipBuilder().member("inner.pt", zip.file()).file(),
          std::string("\x80\2}.")};
}

Seeds pointers() {
  const std::string version = "version https://git-lfs.github.com/spec/v1\n";
  return {version + "oid sha256:" + sha + "\nsize 12345\n",
          "version https://hawser.github.com/spec/v1\r\noid sha256:" + sha + "\r\nsize 1\r\n",
          version + "ext-0-foo sha256:" + sha + "\noid sha256:" + sha + "\nsize 0"};
}

Seeds pages() {
  return {"<!DOCTYPE html>\n<html>",
          "\xEF\xBB\xBF <?xml version=\"1.0\"?><Error>",
          R"({ "error": "x"})",
          "Entry not found",
          "Access to model a/b is restricted.",
          std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10),
          std::string(100, '\0'),
          "[1,2]"};
}

// A scan, the same as ndjson, a part of a verify, and a merge of two caches.
Seeds reports() {
  const std::string start =
      R"("schema":"hfaudit.report/1","command":"scan","host":"n","cache":{"hf_home":"/h","hub_cache":"/h/hub","xet_cache":null},"started_at":"2026-05-13T00:44:00Z")";
  const std::string scanned =
      R"(,"looked_at":[{"what":"hub","path":"/h/hub","because":"HF_HOME","exists":true}])";
  const auto end = [](const std::string& repos, const std::string& errors) {
    return R"(,"duration_ms":1,"verdict":")" + std::string(errors == "0" ? "clean" : "damaged") +
           R"(","exit_code":)" + errors + R"(,"summary":{"repos":)" + repos +
           R"(,"findings":{"error":)" + errors +
           R"(,"warning":0,"info":0},"bytes":{"present":1,"missing":2,"reclaimable":3}},"blind":[])";
  };
  const std::string repo =
      R"("repo_id":"a/b","repo_type":"model","path":"hub/\ufffd","path_b64":"aHViL/8=","verdict":"corrupt","basis":"tree","bytes":{"present":1,"expected":null},"revisions":[{"commit":"c","refs":["main"],"verdict":"corrupt","basis":"links","files":{"present":1,"expected":2},"bytes":{"present":1,"expected":2}}])";
  const std::string finding =
      R"("id":"size-mismatch","severity":"error","repo_id":null,"repo_type":null,"revision":null,"path":"x","message":"m","fix":"pull","bytes":1,"details":{"file":"f","n":3})";
  const std::string verified =
      R"("verified":{"files":1,"bytes":2,"seconds":0.5,"unverifiable":{"files":0,"bytes":0},"left":{"files":0,"bytes":0},"total":{"files":3,"bytes":4},"subset":{"asked":"1/3","part":1,"of":3,"listing":"l"}})";
  const auto source = [&verified](const std::string& host) {
    return R"({"file":"f","error":null,"host":")" + host +
           R"(","cache":"/h/hub","command":"verify","started_at":"2026-05-13T00:44:00Z","exit_code":0,)" +
           verified + "}";
  };
  const auto cache = [](const std::string& host) {
    return R"({"hosts":[")" + host +
           R"("],"hf_home":"/h","hub_cache":"/h/hub","xet_cache":null,"local_dir":null,"bytes":{"present":1,"missing":0,"reclaimable":0},"partitions":[]})";
  };
  const std::string merged = R"(,"sources":[)" + source("n") + "," + source("o") +
                             R"(],"caches":[)" + cache("n") + "," + cache("o") + "]" +
                             R"(,"looked_at":[])";
  return {"{" + start + scanned + end("1", "1") + R"(,"repos":[{)" + repo + R"(}],"findings":[{)" +
              finding + "}]}",
          R"({"type":"start",)" + start + scanned + "}\n" + R"({"type":"repo",)" + repo + "}\n" +
              R"({"type":"finding",)" + finding + "}\n" + R"({"type":"end")" + end("1", "1") +
              "}\n",
          "{" + start + scanned + end("0", "0") + "," + verified + R"(,"repos":[],"findings":[]})",
          "{" + start + merged + end("0", "0") + R"(,"repos":[],"findings":[]})"};
}

Seeds urls() {
  return {"https://huggingface.co/api/models/a/b/tree/main?recursive=true",
          "http://user:p%40ss@[::1]:8080/m#x",
          "HTTPS://HF.CO:443",
          "//127.0.0.2:1/x",
          "/api/resolve-cache/models/a/b?etag=%22x%22",
          "https://huggingface.co@evil.example/",
          "https://huggingface.co\\@evil.example/",
          "http://0x7f.1:80/?q",
          "https://a%2eb/c",
          "http://h:65536/",
          "http://h:0080/"};
}

Seeds repo_names() {
  return {"acme/six@refs/pr/1",
          "hf://datasets/acme/d:v1",
          "https://user:hf_x@huggingface.co/acme/six/blob/main/a%20b.txt?download=true",
          "models--acme--six",
          "/h/hub/models--acme--six/snapshots/0123456789abcdef0123456789abcdef01234567/a",
          "git@hf.co:acme/six",
          "acme/six:Q4_K_M",
          "mirror.example/hub/spaces/a/b/tree/refs%2Fpr%2F1"};
}

Seeds lock_texts() {
  return {
      "4242\nhost\n",
      "4242\nhost\n123456789\n",
      std::string("1\nfilelock-strict-v1\0\n0\n", 24),
      R"({"schema_version":1,"etag":")" + sha +
          R"(","total_size":8192,"connections":2,"chunks":[{"idx":0,"start":0,"end":4095,"completed":4096},{"idx":1,"start":4096,"end":8191,"completed":17}]})",
      sha + ".0123abcd.incomplete",
      "." + sha + ".0123abcd.shared",
      "tmp-" + sha + ".part-01"};
}

Seeds answer_heads() {
  return {"120", "Wed, 13 May 2026 00:44:00 GMT", R"("api";r=0;t=55)",
          "Unsupported proxy syntax in 'http://user:p@ss@host:x'", "\x1b[31m\xe2\x80\xae\xff"};
}

Seeds link_texts() {
  return {"../../blobs/" + oid, "..\\..\\blobs\\" + sha,
          "XSym\n0050\n" + oid + "\n../../blobs/" + oid,
          "!<symlink>../../blobs/" + oid + std::string(1, '\0')};
}

Seeds listed_paths() {
  return {".git/config",        ".GIT /hooks/post-checkout",
          "a/git~1/x",          ".git::$INDEX_ALLOCATION/x",
          ".g\xe2\x80\x8cit/x", ".cache/huggingface/x",
          "a/.gitattributes",   "../x"};
}

// The first byte is the size's selector (fuzz.hpp): exact, or larger.
Seeds selected(const Seeds& seeds, char selector) {
  Seeds with;
  for (const auto& seed : seeds)
    with.push_back(selector + seed);
  return with;
}

Seeds operator+(Seeds a, const Seeds& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void write(const std::filesystem::path& folder, const Seeds& seeds) {
  std::filesystem::create_directories(folder);
  int number = 0;
  const auto one = [&](const std::string& bytes) {
    std::ofstream(folder / std::to_string(number++), std::ios::binary) << bytes;
  };
  for (const auto& seed : seeds) {
    one(seed);
    for (const std::size_t part : {4U, 2U})
      one(seed.substr(0, seed.size() - seed.size() / part));
    if (!seed.empty()) one(seed.substr(0, seed.size() - 1));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: hfaudit_fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  write(folder / "tree", trees());
  write(folder / "tree_page", tree_pages());
  write(folder / "weight_index", weight_indices() + Seeds{"model.safetensors.index.fp16.json"});
  write(folder / "model_index", model_indices());
  write(folder / "json", selected(trees() + weight_indices() + model_indices(), '\x20'));
  write(folder / "safetensors", selected(safetensors(), '\0') + selected(safetensors(), '\xC4'));
  write(folder / "gguf", selected(ggufs(), '\0') + selected(ggufs(), '\xD0'));
  write(folder / "torch_zip", selected(zips(), '\0') + selected(zips(), '\xCD'));
  write(folder / "lfs_pointer", pointers());
  write(
      folder / "models_lock",
      {R"({"schema":"hfaudit.lock/1","repos":[{"repo_id":"a/b","repo_type":"model","revision":"main",)"
       R"("commit":")" +
           oid + R"(","files":[{"path":"x","size":1,"digest":"git-sha1:)" + oid +
           R"("},{"path":"y/z","size":2,"digest":"sha256:)" + sha + R"("}]}]})",
       R"({"schema":"hfaudit.lock/1","repos":[]})"});
  write(folder / "ledger", {std::string(136, '\0'), std::string(100, '\x7f')});
  write(folder / "url", urls());
  write(folder / "repo_request", repo_names());
  write(folder / "lock_text", lock_texts());
  write(folder / "answer_head", answer_heads());
  write(folder / "link_text", link_texts());
  write(folder / "reserved_path", listed_paths());
  const std::string nul(1, '\0');
  write(
      folder / "git_head",
      {"\n" + oid + "\nrefs/heads/main\n",
       "100644 blob " + oid + "       2\ta/b" + nul + "160000 commit " + oid + "       -\tm" + nul,
       "100755 blob " + sha + "     BAD\tx" + nul, "H a" + nul + "S b/c" + nul,
       oid + " blob 3\nabc\n" + oid + " missing\n"});
  write(folder / "ref_file", {oid, oid + "\n", " " + oid, "main", ""});
  write(folder / "local_metadata",
        {oid + "\n" + sha + "\n1712656091.123\n", oid + "\r\ne\r\n1e9\r\n"});
  write(folder / "read_json", reports());
  write(folder / "shard_name",
        {"model-00002-of-00006.safetensors", "unet/model.fp16-00001-of-00002.safetensors",
         "m-00001-of-000163.fp16.bin", "x-of-y-00003-of-00003.gguf"});
  Seeds files;
  for (std::size_t i = 0; i < named().size(); ++i)
    files.push_back(static_cast<char>(i) + named()[i]);
  write(folder / "named", files);
  const auto all =
      safetensors() + ggufs() + zips() + pointers() + pages() + columns() + named() + trees();
  Seeds every_format;
  for (char format = 0; format < static_cast<char>(file_formats); ++format)
    every_format = every_format + selected(all, format);
  write(folder / "structure", every_format);
  return 0;
}
