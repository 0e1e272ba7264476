"""A large healthy cache: repos of 40 files as huggingface_hub leaves them.

Each repo has blobs, a snapshot of relative links, a ref, lock files; four of its files are safetensors shards with a
valid header (the payload is a hole), and every third repo has a cached tree. `generate.py DEST REPOS` makes one.
"""

import hashlib
import json
import os
import struct
import sys

TOP = (".gitattributes README.md config.json generation_config.json tokenizer.json tokenizer_config.json"
       " special_tokens_map.json vocab.json merges.txt added_tokens.json preprocessor_config.json chat_template.jinja"
       ).split()
INDEX = "model.safetensors.index.json"
SHARDS = [f"model-{number:05d}-of-00004.safetensors" for number in range(1, 5)]
OTHER = (["onnx/config.json", "onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_q4.onnx", "onnx/model_int8.onnx",
          "onnx/tokenizer.json", "original/params.json", "original/tokenizer.model", "original/consolidated.00.pth"]
         + [f"assets/figure_{number}.png" for number in range(8)]
         + [f"code/module_{number}.py" for number in range(6)])
FILES = sorted(TOP + [INDEX] + SHARDS + OTHER)
assert len(FILES) == 40
LARGE = (".safetensors", ".onnx", ".pth", ".png", ".model", "tokenizer.json")


def varint(number):
    return bytes([number & 0x7f | 0x80]) + varint(number >> 7) if number > 0x7f else bytes([number])


def safetensors_head(size):
    end = size
    for _ in range(3):
        header = json.dumps({"__metadata__": {"format": "pt"},
                             "weight": {"dtype": "U8", "shape": [end], "data_offsets": [0, end]}}).encode()
        header += b" " * (-len(header) % 8)
        end = size - 8 - len(header)
    return struct.pack("<Q", len(header)) + header


def content(name, repo):
    """The first bytes of a file, and its size."""
    if name.endswith(".safetensors"):
        size = 5_000_000 + 1000 * (repo % 50)
        return safetensors_head(size), size
    if name == INDEX:
        head = json.dumps({"metadata": {"total_size": 20_000_000},
                           "weight_map": {f"layer.{n}": SHARDS[n % 4] for n in range(200)}}).encode()
        return head, len(head)
    if name.endswith("config.json"):
        head = json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "repo": repo}).encode()
        return head, len(head)
    if name.endswith(".pth"):
        return b"\x80\x02}q\x00.", 4000
    if name.endswith("tokenizer.json"):
        head = json.dumps({"version": "1.0", "repo": repo, "vocab": "x" * 19_900}).encode()
        return head, len(head)
    if name.endswith(".json"):
        head = json.dumps({"name": name, "repo": repo}).encode()
        return head, len(head)
    if name.endswith(".onnx"):  # ir_version, and a graph of one field that no reader knows
        graph = b"\x12" + varint(20_000)
        head = b"\x08\x08\x3a" + varint(len(graph) + 20_000) + graph
        return head, len(head) + 20_000
    head = f"{name} of repo {repo}\n".encode()
    return head, 20_000 if name.endswith(LARGE) else len(head)


def write(folder, name, head, size):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
    os.write(fd, head)
    if size > len(head):
        os.ftruncate(fd, size)
    os.close(fd)


def make_folder(path):
    os.makedirs(path)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def make_repo(hub, number):
    folder_name = f"models--org{number % 97:02d}--model-{number:05d}"
    repo = os.path.join(hub, folder_name)
    commit = hashlib.sha1(folder_name.encode()).hexdigest()
    folders = {"blobs": make_folder(f"{repo}/blobs"), "refs": make_folder(f"{repo}/refs"),
               "locks": make_folder(f"{hub}/.locks/{folder_name}"),
               "": make_folder(f"{repo}/snapshots/{commit}")}
    tree = {}
    for name in FILES:
        head, size = content(name, number)
        lfs = name.endswith(LARGE)
        kind = hashlib.sha256 if lfs else hashlib.sha1
        etag = kind(f"{folder_name}/{name}".encode()).hexdigest()
        write(folders["blobs"], etag, head, size)
        write(folders["locks"], etag + ".lock", b"", 0)
        parent, _, last = name.rpartition("/")
        if parent not in folders:
            folders[parent] = make_folder(f"{repo}/snapshots/{commit}/{parent}")
        up = "../../" + "../" * name.count("/")
        os.symlink(f"{up}blobs/{etag}", last, dir_fd=folders[parent])
        tree[name] = {"size": size, "blob_id": hashlib.sha1(etag.encode()).hexdigest()}
        if lfs:
            tree[name].update(lfs_sha256=etag, lfs_size=size)
        else:
            tree[name]["blob_id"] = etag
    write(folders["refs"], "main", commit.encode(), 40)
    if number % 3 == 0:
        folders["trees"] = make_folder(f"{repo}/trees")
        text = json.dumps({"format_version": 1, "files": tree}, indent=1).encode()
        write(folders["trees"], commit + ".json", text, len(text))
    for fd in folders.values():
        os.close(fd)


def generate(home, repos):
    """Fills the folder `home` (a HF_HOME) with so many repos."""
    hub = os.path.join(home, "hub")
    os.makedirs(hub)
    with open(os.path.join(hub, "CACHEDIR.TAG"), "w", encoding="ascii") as tag:
        tag.write("Signature: 8a477f597d28d172789f06886806bc55\n")
    for number in range(repos):
        make_repo(hub, number)


if __name__ == "__main__":
    generate(sys.argv[1], int(sys.argv[2]))
