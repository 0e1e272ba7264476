"""hfaudit preflight --for LOADER and --local-dir: what a loader would miss, and folders that are no cache."""

import json
import os
import subprocess
import unittest

from cli_case import HFAUDIT, CliCase

HEADER = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  '
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(range(1, 9))
CONFIG = b'{"model_type": "llama"}'
TOKENIZER = b'{"version": "1.0"}'


class LoaderCase(CliCase):
    def gate(self, *args, code):
        done = subprocess.run([HFAUDIT, "preflight", *args], env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, check=False)
        err = done.stderr.decode()
        self.assertEqual(done.returncode, code, err)
        return err


class For(LoaderCase):
    def test_a_model_without_a_tokenizer_passes_unless_a_loader_needs_one(self):
        self.add_repo("models--acme--bare", {"config.json": CONFIG, "model.safetensors": WEIGHTS})
        self.gate("acme/bare", code=0)
        self.assertIn("no tokenizer", self.gate("acme/bare", "--for", "transformers", code=1))
        self.assertIn("no GGUF file", self.gate("acme/bare", "--for", "llama.cpp", code=1))

    def test_a_tokenizer_alone_is_enough_for_who_needs_no_more(self):
        self.add_repo("models--acme--tok", {"tokenizer.json": TOKENIZER})
        self.assertIn("none of its weights", self.gate("acme/tok", code=1))
        self.gate("acme/tok", "--for", "tokenizer", code=0)

    def test_code_that_the_configuration_names(self):
        auto = json.dumps({"model_type": "x", "auto_map": {"AutoModel": "modeling_x.X"}}).encode()
        self.add_repo("models--acme--code", {"config.json": auto, "model.safetensors": WEIGHTS, "tokenizer.json": TOKENIZER})
        self.gate("acme/code", code=0)  # native classes load derived repos that have the line and not the file
        self.assertIn("modeling_x.py", self.gate("acme/code", "--for", "vllm", code=1))

    def test_the_base_model_of_an_adapter(self):
        adapter = json.dumps({"peft_type": "LORA", "base_model_name_or_path": "acme/base"}).encode()
        self.add_repo("models--acme--lora", {"adapter_config.json": adapter, "adapter_model.safetensors": WEIGHTS})
        self.gate("acme/lora", code=0)
        self.assertIn("acme/base", self.gate("acme/lora", "--for", "peft", code=1))
        self.add_repo("models--acme--base", {"config.json": CONFIG, "model.safetensors": WEIGHTS})
        self.gate("acme/lora", "--for", "peft", code=0)

    def test_a_dataset_needs_data(self):
        self.add_repo("datasets--acme--d", {"README.md": b"# d"})
        self.assertIn("no data file", self.gate("datasets/acme/d", "--for", "datasets", code=1))
        self.add_repo("datasets--acme--e", {"README.md": b"# e", "data/train.csv": b"a,b\n1,2\n"})
        self.gate("datasets/acme/e", "--for", "datasets", code=0)

    def test_a_quantization_of_llama_cpp(self):
        gguf = b"GGUF" + (3).to_bytes(4, "little") + bytes(16)
        self.add_repo("models--acme--gg", {"tiny.Q4_K_M.gguf": gguf})
        self.gate("acme/gg:q4_k_m", "--for", "llama.cpp", code=0)
        self.assertIn("no file that matches", self.gate("acme/gg:Q8_0", "--for", "llama.cpp", code=1))
        self.assertIn("Q4_K_M", self.gate("acme/gg:Q4_K_M", code=2))

    def test_an_unknown_loader_is_a_usage_error(self):
        self.assertIn("transformers", self.gate("acme/x", "--for", "torch", code=2))


class Folder(LoaderCase):
    def folder(self, files):
        path = os.path.join(self.scratch, "model")
        for name, content in files.items():
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "wb") as out:
                out.write(content)
        return path

    def test_a_whole_model_passes_and_starts(self):
        path = self.folder({"config.json": CONFIG, "model.safetensors": WEIGHTS, "tokenizer.json": TOKENIZER})
        self.gate("--local-dir", path, code=0)
        self.gate("--local-dir", path, "--for", "transformers", code=0)
        done = subprocess.run([HFAUDIT, "preflight", "--local-dir", path, "--print-path"], env=self.environment(),
                              capture_output=True, timeout=60, check=True)
        self.assertEqual(done.stdout.decode().strip(), path)

    def test_a_cut_file_and_a_missing_shard_do_not(self):
        path = self.folder({"config.json": CONFIG, "model.safetensors": WEIGHTS[:-4]})
        self.assertIn("model.safetensors", self.gate("--local-dir", path, code=1))
        path = self.folder({"model.safetensors": WEIGHTS, "model-00001-of-00002.safetensors": WEIGHTS})
        self.assertIn("model-00002-of-00002.safetensors", self.gate("--local-dir", path, code=1))

    def test_a_browser_is_still_at_it(self):
        path = self.folder({"config.json": CONFIG, "model.gguf.crdownload": b"GGUF" + bytes(range(100))})
        self.assertIn("model.gguf", self.gate("--local-dir", path, code=1))

    def test_a_file_of_the_repo_that_is_called_like_a_partial(self):
        path = self.folder({"config.json": CONFIG, "model.safetensors": WEIGHTS, "weights.part": b"x" * 600,
                            "weights": b"", "a.aria2": b"y"})
        self.assertIn("stopped at", self.gate("--local-dir", path, code=1))  # nothing says that they are the repo's
        notes = os.path.join(path, ".cache/huggingface/download")
        os.makedirs(notes)
        for name in os.listdir(path):
            if name != ".cache":
                with open(os.path.join(notes, name + ".metadata"), "w", encoding="ascii") as out:
                    out.write(f"{'c' * 40}\n{'e' * 40}\n{4e9}\n")
        self.gate("--local-dir", path, code=0)

    def test_a_folder_that_is_not_there(self):
        self.assertIn("nowhere", self.gate("--local-dir", os.path.join(self.scratch, "nowhere"), code=2))

    def test_repair_is_of_the_cache(self):
        path = self.folder({"config.json": CONFIG, "model.safetensors": WEIGHTS})
        self.assertIn("--repair", self.gate("--local-dir", path, "--repair", code=2))


if __name__ == "__main__":
    unittest.main()
