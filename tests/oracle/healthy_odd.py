"""Listings that are easily misjudged."""

import formats as f
from kinds import kind, config, tokenizer


@kind("one content under several names")
def _(repo, r, s):
    config(repo, r)
    for name in ("special_tokens_map.json", "generation_config.json", "added_tokens.json", "1/deep/er/empty.json"):
        repo.add(name, "{}")
    repo.add("model.safetensors", f.safetensors(s, ["w"]))
    repo.add("copy/model.safetensors", f.safetensors(s, ["w"]))
    for name in ("__init__.py", "src/__init__.py", "src/py.typed"):
        repo.add(name, "")


@kind("names of every sort", loaders=())
def _(repo, r, s):
    config(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    for name in ("a file with spaces.txt", "ünïcode/模型.txt", "v1.0.2.final/notes.v2.txt", "-rf", "#1/$HOME/100%.txt", "a'b\"c.txt",
                 ".hidden/.deep/.file", "+plus&and=is?.txt", "e\u0301.txt"):
        if r.random() < 0.6:
            repo.add(name, f"{name} {s}")
    repo.add("/".join("abcdefghijkl") + "/deep.txt", f"deep {s}")
    repo.add("x" * 200 + ".txt", f"long {s}")


@kind("files of the system in the listing")
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    repo.add(".DS_Store", f.ds_store(s))
    repo.add("imgs/.DS_Store", f.ds_store(f"{s} imgs"))
    if r.random() < 0.5:
        repo.add("._config.json", f.apple_double(s))
        repo.add("desktop.ini", "[.ShellClassInfo]\n")
        repo.add("Thumbs.db", f.noise(s, 300))


@kind("empty files with telling names")
def _(repo, r, s):
    config(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    for name in r.sample(("empty.pth", "empty.pt", "events.out.tfevents.bin", "placeholder.onnx", "runs/.gitkeep"), 2):
        repo.add(name, b"", lfs=r.random() < 0.5)


@kind("text that looks like damage")
def _(repo, r, s):
    config(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    repo.add("index.html", "<!DOCTYPE html>\n<html><body>demo</body></html>\n")
    repo.add("error.json", '{"error": "Entry not found"}')
    repo.add("broken_example.json", '{"cut": [1, 2')
    repo.add("notes.txt", "../../blobs are where the content lies\n")
    repo.add("data.jsonl", '{"a": 1}\n{"a": 2}\n')
    repo.add("nul.dat", b"\0" * 64)
