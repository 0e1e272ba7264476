"""What transformers loads."""

import formats as f
from kinds import kind, config, tokenizer, index, sharded, torch_shard


@kind("transformers single", loaders=("transformers", "tokenizer"), asks={"config.json": "transformers"})
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w", "b"]), "sole")


@kind("transformers sharded", loaders=("transformers", "vllm", "sglang", "tgi"), asks={"config.json": "transformers"})
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    sharded(repo, s, count=r.randint(2, 5))


@kind("transformers bin", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("pytorch_model.bin", r.choice((f.torch_zip, f.torch_legacy))(s), "sole")
    if r.random() < 0.5:
        repo.add("training_args.bin", f.torch_zip(f"{s} args"))


@kind("transformers sharded bin", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    sharded(repo, s, "pytorch_model", "bin", make=torch_shard, count=r.randint(2, 4))


@kind("both formats", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]))
    repo.add("pytorch_model.bin", f.torch_zip(s))
    if r.random() < 0.6:
        repo.add("tf_model.h5", f.hdf5(s))
        repo.add("flax_model.msgpack", f.msgpack(s, ["params"]))
        repo.add("rust_model.ot", f.torch_zip(f"{s} ot"))


@kind("both formats sharded", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    sharded(repo, s, count=2)
    sharded(repo, s, "pytorch_model", "bin", make=torch_shard, count=3)


@kind("original checkpoint beside", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    sharded(repo, s, count=2)
    for number in range(2):
        repo.add(f"original/consolidated.{number:02}.pth", f.torch_zip(f"{s} {number}"))
    repo.add("original/params.json", f.json_text({"dim": 64}))
    repo.add("original/tokenizer.model", f.sentencepiece(s))


@kind("mistral consolidated")
def _(repo, r, s):
    repo.add("params.json", f.json_text({"dim": 64, "salt": r.getrandbits(30)}))
    repo.add("consolidated.safetensors", f.safetensors(s, ["w"]), "sole")
    repo.add("tekken.json", f.json_text({"config": {"pattern": "x"}}))


@kind("stale index beside a whole set")
def _(repo, r, s):
    """As quantized repos have it: the index names files of the model that it was made from."""
    config(repo, r, quantization_config={"quant_method": "gptq"})
    tokenizer(repo, r)
    stem = r.choice(("output", "gptq_model-4bit-128g"))
    sharded(repo, s, stem, count=2, with_index=False)
    index(repo, "model.safetensors.index.json", {f"w{i}": f"model-{i:05}-of-00004.safetensors" for i in range(1, 5)}, 1)


@kind("remote code of its own", loaders=("transformers",), asks={"modeling_x.py": "transformers", "configuration_x.py": "transformers"})
def _(repo, r, s):
    config(repo, r, model_type="x", auto_map={"AutoConfig": "configuration_x.XConfig", "AutoModelForCausalLM": "modeling_x.X"})
    tokenizer(repo, r)
    repo.add("configuration_x.py", "class XConfig: pass\n", "code")
    repo.add("modeling_x.py", "from .configuration_x import XConfig\n\nclass X: pass\n", "code")
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")


@kind("remote code of another repo", loaders=("transformers",), other_repos=("acme/code",))
def _(repo, r, s):
    config(repo, r, model_type="x", auto_map={"AutoModel": "acme/code--modeling_x.X", "AutoConfig": "acme/code--configuration_x.X"})
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")


@kind("fast image processor", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r, model_type="vit")
    repo.add("preprocessor_config.json", f.json_text({"image_processor_type": "ViTImageProcessor", "size": {"height": 224}}))
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")


@kind("training checkpoints")
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    for step in (500, 1000):
        folder = f"checkpoint-{step}/"
        config(repo, r, folder + "config.json")
        repo.add(folder + "model.safetensors", f.safetensors(f"{s} {step}", ["w"]))
        for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
            repo.add(folder + name, f.torch_zip(f"{s} {step} {name}", 64))
        repo.add(folder + "trainer_state.json", '{"loss": NaN, "best": Infinity}\n')
        repo.add(folder + "latest", f"global_step{step}")


@kind("deepspeed checkpoint")
def _(repo, r, s):
    config(repo, r)
    for rank in range(2):
        repo.add(f"global_step10/bf16_zero_pp_rank_{rank}_mp_rank_00_optim_states.pt", f.torch_zip(f"{s} {rank}"))
    repo.add("global_step10/mp_rank_00_model_states.pt", f.torch_zip(s), "open")
    repo.add("latest", "global_step10")
    repo.add("zero_to_fp32.py", "print()\n")


@kind("fp8 with an index of one", loaders=("transformers",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w", "w_scale"]), "shard")
    index(repo, "model.safetensors.index.json", {"w": "model.safetensors", "w_scale": "model.safetensors"}, 1200)
