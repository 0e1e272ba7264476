"""Repositories as they are found in the wild, small enough for a test: sharded models, GGUF,
diffusers, checkpoints, datasets. Names, indices and headers are what the loaders expect."""

import json

import hub_formats
from hub_content import Content
from hub_repos import Repo

MIB = 1 << 20

GITATTRIBUTES = "".join(
    f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n"
    for suffix in ("7z", "bin", "gguf", "h5", "model", "onnx", "parquet", "pt", "safetensors", "zip")
)


def _json(value):
    return Content.text(json.dumps(value, indent=2) + "\n")


def _readme(repo_id):
    return Content.text(f"---\nlicense: apache-2.0\n---\n# {repo_id}\n\nA model made for tests.\n")


def _tensor_bytes(content):
    return content.size - 8 - int.from_bytes(content.read(0, 8), "little")


def _layers(shard, tensors):
    return [f"model.layers.{shard}.block.{i}.weight" for i in range(tensors)]


def config(seed, **more):
    return _json({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "_seed": seed} | more)


def tokenizer_files(seed):
    """tokenizer.json is some hundred KB, so that one small file takes more than one read."""
    vocabulary = {f"<tok{i}>": i for i in range(8000)}
    return {
        "tokenizer.json": _json({"version": "1.0", "model": {"type": "BPE", "vocab": vocabulary}}),
        "tokenizer_config.json": _json({"tokenizer_class": "LlamaTokenizer", "seed": seed}),
        "special_tokens_map.json": _json({"bos_token": "<s>", "eos_token": "</s>"}),
    }


def sharded_weights(seed, shards, shard_size, prefix="model", tensors=4):
    """The shards and their index."""
    weight_map, files = {}, {}
    for i in range(1, shards + 1):
        name = f"{prefix}-{i:05d}-of-{shards:05d}.safetensors"
        names = _layers(i, tensors)
        weight_map |= {tensor: name for tensor in names}
        files[name] = hub_formats.safetensors(f"{seed}/{name}", shard_size, names)
    total = sum(_tensor_bytes(content) for content in files.values())
    files[f"{prefix}.safetensors.index.json"] = _json(
        {"metadata": {"total_size": total}, "weight_map": weight_map}
    )
    return files


def make_model(repo_id, shards=6, shard_size=2 * MIB, seed=None, **repo):
    """A sharded transformers model: six shards of 2 MiB, their index, and seven small files.
    shards=1 gives one model.safetensors without an index."""
    seed = seed or repo_id
    files = {
        ".gitattributes": Content.text(GITATTRIBUTES),
        "README.md": _readme(repo_id),
        "config.json": config(seed),
        "generation_config.json": _json({"bos_token_id": 1, "eos_token_id": 2}),
    } | tokenizer_files(seed)
    if shards == 1:
        weights = hub_formats.safetensors(f"{seed}/model", shard_size, _layers(0, 4))
        files["model.safetensors"] = weights
    else:
        files |= sharded_weights(seed, shards, shard_size)
    return Repo(repo_id, **repo).commit(files, title="Initial commit")


def make_gguf(repo_id, size=2 * MIB, quants=("Q4_K_M", "Q8_0"), splits=0, **repo):
    """A GGUF repo: one file a quantisation, and with `splits` one more that is split."""
    name = repo_id.split("/")[-1]
    names = ["token_embd.weight", "blk.0.attn_q.weight", "output.weight"]
    files = {".gitattributes": Content.text(GITATTRIBUTES), "README.md": _readme(repo_id)}
    for quant in quants:
        path = f"{name}.{quant}.gguf"
        files[path] = hub_formats.gguf(path, size, names)
    for i in range(splits):
        path = f"F16/{name}.F16-{i + 1:05d}-of-{splits:05d}.gguf"
        split = (i, splits, splits * 2)
        files[path] = hub_formats.gguf(path, size, _layers(i, 2), split=split)
    return Repo(repo_id, **repo).commit(files, title="Initial commit")


def make_diffusers(repo_id, size=MIB, variant="fp16", **repo):
    """A pipeline: model_index.json and a folder a component, the unet sharded, with a variant."""
    seed = repo_id
    unet = "unet/diffusion_pytorch_model"
    vae = "vae/diffusion_pytorch_model"
    files = {
        ".gitattributes": Content.text(GITATTRIBUTES),
        "README.md": _readme(repo_id),
        "model_index.json": _json({
            "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0",
            "safety_checker": [None, None],
            "scheduler": ["diffusers", "PNDMScheduler"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
        }),
        "scheduler/scheduler_config.json": _json({"_class_name": "PNDMScheduler"}),
        "tokenizer/vocab.json": _json({"<s>": 0, "</s>": 1}),
        "tokenizer/merges.txt": Content.text("#version: 0.2\n< s\n"),
        "tokenizer/tokenizer_config.json": _json({"tokenizer_class": "CLIPTokenizer"}),
        "unet/config.json": _json({"_class_name": "UNet2DConditionModel"}),
        "vae/config.json": _json({"_class_name": "AutoencoderKL"}),
        f"{vae}.safetensors": hub_formats.safetensors(f"{seed}/vae", size, _layers(0, 2)),
        f"{vae}.{variant}.safetensors":
            hub_formats.safetensors(f"{seed}/vae {variant}", size // 2, _layers(0, 2)),
    } | sharded_weights(f"{seed}/unet", 2, size, prefix=unet)
    index = json.loads(files[f"{unet}.safetensors.index.json"].read())
    index["weight_map"] = {t: f.split("/")[-1] for t, f in index["weight_map"].items()}
    files[f"{unet}.safetensors.index.json"] = _json(index)  # relative to its own folder
    return Repo(repo_id, **repo).commit(files, title="Initial commit")


def make_pytorch_zip(repo_id, size=2 * MIB, shards=1, **repo):
    """A model from before safetensors: pytorch_model.bin, or its shards and their index."""
    files = {
        ".gitattributes": Content.text(GITATTRIBUTES),
        "README.md": _readme(repo_id),
        "config.json": config(repo_id),
        "vocab.txt": Content.text("\n".join(f"tok{i}" for i in range(500)) + "\n"),
    }
    if shards == 1:
        files["pytorch_model.bin"] = hub_formats.pytorch_zip(repo_id, size)
    else:
        weight_map = {}
        for i in range(1, shards + 1):
            path = f"pytorch_model-{i:05d}-of-{shards:05d}.bin"
            files[path] = hub_formats.pytorch_zip(f"{repo_id}/{path}", size)
            weight_map |= {tensor: path for tensor in _layers(i, 2)}
        index = {"metadata": {"total_size": size * shards}, "weight_map": weight_map}
        files["pytorch_model.bin.index.json"] = _json(index)
    return Repo(repo_id, **repo).commit(files, title="Initial commit")


def make_dataset(repo_id, files=3, size=MIB, **repo):
    """A dataset: Parquet files in nested folders, a README, a CSV."""
    tree = {
        ".gitattributes": Content.text(GITATTRIBUTES),
        "README.md": Content.text(f"---\ntask_categories: [other]\n---\n# {repo_id}\n"),
        "labels.csv": Content.text("id,label\n" + "".join(f"{i},{i % 7}\n" for i in range(500))),
    }
    for i in range(files):
        path = f"data/en/train-{i:05d}-of-{files:05d}.parquet"
        tree[path] = hub_formats.parquet(f"{repo_id}/{path}", size)
    repo.setdefault("repo_type", "dataset")
    return Repo(repo_id, **repo).commit(tree, title="Initial commit")
