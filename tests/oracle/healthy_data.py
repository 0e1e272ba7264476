"""Datasets, spaces, kernels."""

import formats as f
from kinds import kind


@kind("dataset parquet", "dataset", loaders=("datasets",))
def _(repo, r, s):
    count = r.randint(1, 4)
    for number in range(count):
        repo.add(f"data/train-{number:05}-of-{count:05}.parquet", f.parquet(f"{s} {number}"), "part")
    repo.add("data/test-00000-of-00001.parquet", f.parquet(f"{s} test"), "part")


@kind("dataset arrow", "dataset")
def _(repo, r, s):
    make = r.choice((f.arrow_file, f.arrow_stream))
    for number in range(2):
        repo.add(f"train/data-{number:05}-of-00002.arrow", make(f"{s} {number}"), "part")
    repo.add("train/state.json", f.json_text({"_data_files": [{"filename": f"data-{n:05}-of-00002.arrow"} for n in range(2)]}))
    repo.add("train/dataset_info.json", f.json_text({"features": {}}))
    repo.add("dataset_dict.json", f.json_text({"splits": ["train"]}))


@kind("dataset text", "dataset", loaders=("datasets",))
def _(repo, r, s):
    repo.add("train.jsonl", "".join(f'{{"n": {n}, "salt": {s}}}\n' for n in range(20)), "part")
    repo.add("data/test.csv", f"a,b\n1,{s}\n", "part")
    repo.add("dev.json", f.json_text([{"a": s}]), "part")


@kind("dataset images", "dataset", loaders=("datasets",))
def _(repo, r, s):
    for label in ("cat", "dog"):
        for number in range(2):
            repo.add(f"train/{label}/{number:04}.png", f.png(f"{s} {label} {number}"), "part")
    repo.add("train/metadata.csv", "file_name,text\ncat/0000.png,a cat\n")
    repo.add("audio/a.wav", f.wav(s), "part")


@kind("dataset webdataset", "dataset")
def _(repo, r, s):
    for number in range(2):
        repo.add(f"shard-{number:06}.tar", f.tar([(f"{number}.txt", str(s).encode())]), "part")
    repo.add("old/archive.zip", f._zip([("a.txt", b"a")]), "part")


@kind("dataset with a script", "dataset")
def _(repo, r, s):
    repo.add("thing.py", "import datasets\n")
    repo.add("dataset_infos.json", f.json_text({"default": {}}))
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "part")


@kind("space", "space")
def _(repo, r, s):
    repo.add("app.py", "import gradio\n")
    repo.add("requirements.txt", f"gradio\n# {s}\n")
    repo.add("style.css", "a { }\n")
    repo.add("images/logo.png", f.png(s))


@kind("kernel", "kernel")
def _(repo, r, s):
    for build in ("torch28-cxx11-cu126-x86_64-linux", "torch29-cxx11-cu128-x86_64-linux"):
        repo.add(f"build/{build}/act/__init__.py", "from ._ops import ops\n")
        repo.add(f"build/{build}/act/_act_{s:x}.abi3.so", b"\x7fELF\x02\x01\x01" + f.noise(f"{s} {build}", 600), lfs=True)
    repo.add("build.toml", "[general]\nname = \"act\"\n")
