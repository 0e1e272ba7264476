"""The list of kinds of repos, and what many of them have. A kind is a function that fills a Repo; `r` is the case's source of
randomness, `s` salts the contents."""

import formats as f
from repo import Repo

KINDS = {}


def kind(name, repo_type="model", **facts):
    def register(fill):
        def make(r):
            repo = Repo(name, repo_type, **facts)
            fill(repo, r, r.getrandbits(48))
            if r.random() < 0.8 and ".gitattributes" not in repo.files:
                repo.add(".gitattributes", "*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n")
            if r.random() < 0.8 and "README.md" not in repo.files:
                repo.add("README.md", f"---\nlicense: mit\n---\n# A model {r.getrandbits(40):x}\n")
            return repo
        KINDS[name] = make
        return fill
    return register


def config(repo, r, path="config.json", **more):
    repo.add(path, f.json_text({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": r.choice((64, 128)),
                                "rope_theta": 10000.0, "salt": r.getrandbits(30), **more}))


def tokenizer(repo, r, folder=""):
    repo.add(folder + "tokenizer_config.json", f.json_text({"tokenizer_class": "PreTrainedTokenizerFast",
                                                            "model_max_length": 1000000000000000019884624838656}))
    choice = r.choice(("fast", "sentencepiece", "bpe", "wordpiece", "both"))
    if choice in ("fast", "both"):
        repo.add(folder + "tokenizer.json", f.json_text({"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0, "é": 1}, "merges": []},
                                                         "salt": r.getrandbits(30)}, None))
    if choice in ("sentencepiece", "both"):
        repo.add(folder + "tokenizer.model", f.sentencepiece(r.getrandbits(30)))
    if choice == "bpe":
        repo.add(folder + "vocab.json", f.json_text({"a": 0, "b": 1, "salt": r.getrandbits(30)}, None))
        repo.add(folder + "merges.txt", "#version: 0.2\na b\n")
    if choice == "wordpiece":
        repo.add(folder + "vocab.txt", "[PAD]\n[UNK]\na\n")
    if r.random() < 0.5:
        repo.add(folder + "special_tokens_map.json", r.choice(("{}", '{\n  "eos_token": "</s>"\n}\n')))
        repo.add(folder + "generation_config.json", r.choice(("{}", '{"do_sample": true, "top_p": NaN}\n')))


def index(repo, path, shards, total):
    repo.add(path, f.json_text({"metadata": {"total_size": total}, "weight_map": shards}), "loose")


def sharded(repo, s, stem="model", extension="safetensors", folder="", make=f.safetensors, count=3, gone="shard", with_index=True,
            index_name=None):
    weight_map = {}
    for number in range(1, count + 1):
        name = f"{stem}-{number:05}-of-{count:05}.{extension}"
        tensors = [f"layers.{number}.{part}" for part in ("q", "k")]
        repo.add(folder + name, make(f"{s} {folder}{name}", tensors), gone)
        weight_map.update({tensor: name for tensor in tensors})
    if with_index:
        index(repo, folder + (index_name or f"{stem}.{extension}.index.json"), weight_map, 600 * len(weight_map))


def torch_shard(seed, _names):
    return f.torch_zip(seed)


def flax_shard(seed, names):
    return f.msgpack(seed, names)


def openvino_xml(s):
    return (f'<?xml version="1.0"?>\n<net name="Model{s}" version="11">\n<layers><layer id="0" name="w" type="Const" version="opset1">'
            '<data element_type="f32" shape="150" offset="0" size="600"/></layer></layers>\n</net>\n')
