"""Kinds of healthy repos. Each function fills a Repo; `r` is the case's source of randomness, `s` salts the contents."""

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


# What many kinds have ---------------------------------------------------------------------------------------------------

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


# transformers ---------------------------------------------------------------------------------------------------------

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


# Adapters, sentence-transformers, timm ---------------------------------------------------------------------------------

@kind("adapter", loaders=("peft",), other_repos=("acme/base",))
def _(repo, r, s):
    repo.add("adapter_config.json", f.json_text({"peft_type": "LORA", "base_model_name_or_path": "acme/base", "r": 8}))
    name = r.choice(("adapter_model.safetensors", "adapter_model.bin"))
    repo.add(name, f.safetensors(s, ["lora_A", "lora_B"]) if name.endswith("s") else f.torch_zip(s), "sole")


@kind("adapters in folders", other_repos=("acme/base",))
def _(repo, r, s):
    for name in ("first", "second"):
        repo.add(f"{name}/adapter_config.json", f.json_text({"peft_type": "LORA", "base_model_name_or_path": "acme/base"}))
        repo.add(f"{name}/adapter_model.safetensors", f.safetensors(f"{s} {name}", ["lora_A"]))


@kind("diffusers lora")
def _(repo, r, s):
    repo.add("pytorch_lora_weights.safetensors", f.safetensors(s, ["unet.lora"]), "sole")


@kind("textual inversion")
def _(repo, r, s):
    repo.add("learned_embeds.bin", f.torch_zip(s), "sole")
    repo.add("token_identifier.txt", "<cat>")


@kind("sentence-transformers", loaders=("sentence-transformers",))
def _(repo, r, s):
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling")]
    repo.add("1_Pooling/config.json", f.json_text({"word_embedding_dimension": 64, "pooling_mode_mean_tokens": True}), "named")
    if r.random() < 0.4:
        modules.append(("2", "2_Dense", "Dense"))
        repo.add("2_Dense/config.json", f.json_text({"in_features": 64, "out_features": 32, "bias": True}), "named")
        path = "2_Dense/" + r.choice(("model.safetensors", "pytorch_model.bin"))
        repo.add(path, f.safetensors(f"{s} dense", ["linear"]) if path.endswith("s") else f.torch_zip(f"{s} dense"), "need")
    modules.append((str(len(modules)), f"{len(modules)}_Normalize", "Normalize"))  # has no folder
    repo.add("modules.json", f.json_text([{"idx": int(n), "name": n, "path": path, "type": f"sentence_transformers.models.{what}"}
                                          for n, path, what in modules]))
    repo.add("sentence_bert_config.json", f.json_text({"max_seq_length": 512, "do_lower_case": False}))
    repo.add("config_sentence_transformers.json", f.json_text({"__version__": {"sentence_transformers": "3.0.0"}}))
    config(repo, r)
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "sole")
    if r.random() < 0.4:
        repo.add("onnx/model.onnx", f.onnx(s))
        repo.add("openvino/openvino_model.xml", openvino_xml(s))
        repo.add("openvino/openvino_model.bin", f.noise(s, 600))


@kind("static embeddings", loaders=("sentence-transformers",))
def _(repo, r, s):
    folder = "0_StaticEmbedding/"
    repo.add("modules.json", f.json_text([{"idx": 0, "name": "0", "path": folder[:-1],
                                           "type": "sentence_transformers.models.StaticEmbedding"}]))
    repo.add(folder + "model.safetensors", f.safetensors(s, ["embedding.weight"]), "sole")
    repo.add(folder + "tokenizer.json", f.json_text({"version": "1.0", "salt": r.getrandbits(30)}))


@kind("timm")
def _(repo, r, s):
    repo.add("config.json", f.json_text({"architecture": "resnet18", "num_classes": 10, "salt": r.getrandbits(30)}))
    repo.add("model.safetensors", f.safetensors(s, ["conv1.weight"]))
    repo.add("pytorch_model.bin", f.torch_zip(s))


@kind("open_clip")
def _(repo, r, s):
    repo.add("open_clip_config.json", f.json_text({"model_cfg": {"embed_dim": 64}, "salt": r.getrandbits(30)}))
    repo.add("open_clip_pytorch_model.bin", f.torch_zip(s))
    repo.add("open_clip_model.safetensors", f.safetensors(s, ["visual"]))


# diffusers ------------------------------------------------------------------------------------------------------------

def pipeline(repo, r, s, variants=("",), sharded_unet=False, skip=(), folders=("unet", "vae", "text_encoder")):
    classes = {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
               "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
               "scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None]}
    repo.add("model_index.json", f.json_text({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", **classes,
                                              "requires_safety_checker": False}))
    repo.add("scheduler/scheduler_config.json", f.json_text({"_class_name": "DDIMScheduler", "salt": r.getrandbits(30)}))
    repo.add("tokenizer/tokenizer_config.json", "{}")
    repo.add("tokenizer/vocab.json", f.json_text({"a": 0}))
    repo.add("tokenizer/merges.txt", "#version: 0.2\n")
    for folder in folders:
        if folder in skip:
            continue
        stem = "model" if folder == "text_encoder" else "diffusion_pytorch_model"
        repo.add(f"{folder}/config.json", f.json_text({"_class_name": folder, "salt": r.getrandbits(30)}))
        for variant in variants:
            dotted = f".{variant}" if variant else ""
            gone = "need" if len(variants) == 1 else "loose"
            if sharded_unet and folder == "unet":
                names = [f"{stem}{dotted}-{n:05}-of-00002.safetensors" for n in (1, 2)]
                for n, name in enumerate(names):
                    repo.add(f"{folder}/{name}", f.safetensors(f"{s} {folder} {name}", [f"w{n}"]), "shard")
                index(repo, f"{folder}/{stem}.safetensors.index{dotted}.json", {f"w{n}": name for n, name in enumerate(names)}, 1200)
            else:
                repo.add(f"{folder}/{stem}{dotted}.safetensors", f.safetensors(f"{s} {folder} {variant}", ["w"]), gone)


@kind("diffusers pipeline", loaders=("diffusers",))
def _(repo, r, s):
    pipeline(repo, r, s)
    if r.random() < 0.5:
        repo.add("sd-v1-5.safetensors", f.safetensors(f"{s} single file", ["model.diffusion_model"]))


@kind("diffusers with variants", loaders=("diffusers",))
def _(repo, r, s):
    pipeline(repo, r, s, ("", "fp16"), sharded_unet=r.random() < 0.4)


@kind("diffusers sharded", loaders=("diffusers",))
def _(repo, r, s):
    pipeline(repo, r, s, sharded_unet=True)


@kind("diffusers in the root", loaders=("diffusers",))
def _(repo, r, s):
    """As google/ddpm-cat-256: the model lies beside model_index.json, no component has a folder."""
    repo.add("model_index.json", f.json_text({"_class_name": "DDPMPipeline", "_diffusers_version": "0.1.1",
                                              "unet": ["diffusers", "UNet2DModel"], "scheduler": ["diffusers", "DDPMScheduler"]}))
    repo.add("config.json", f.json_text({"_class_name": "UNet2DModel", "salt": r.getrandbits(30)}))
    repo.add("scheduler_config.json", f.json_text({"_class_name": "DDPMScheduler"}))
    repo.add("diffusion_pytorch_model.bin", f.torch_zip(s), "sole")


@kind("diffusers component", loaders=())
def _(repo, r, s):
    repo.add("config.json", f.json_text({"_class_name": "ControlNetModel", "salt": r.getrandbits(30)}))
    repo.add("diffusion_pytorch_model.safetensors", f.safetensors(s, ["w"]))
    repo.add("diffusion_pytorch_model.fp16.safetensors", f.safetensors(f"{s} half", ["w"]))


# GGUF and other runtimes ----------------------------------------------------------------------------------------------

@kind("gguf single", loaders=("llama.cpp",))
def _(repo, r, s):
    repo.add(r.choice(("tiny.Q4_K_M.gguf", "Tiny Model-Q8_0.gguf", "ggml-model-f16.gguf")), f.gguf(s, ["w", "b"]), "sole")


@kind("gguf quantizations", loaders=("llama.cpp",))
def _(repo, r, s):
    for quantization in r.sample(("Q2_K", "Q4_K_M", "Q5_K_S", "Q6_K", "Q8_0", "F16", "IQ4_XS"), 3):
        repo.add(f"tiny-{quantization}.gguf", f.gguf(f"{s} {quantization}", ["w"]))
    if r.random() < 0.5:
        repo.add("mmproj-F16.gguf", f.gguf(f"{s} mmproj", ["v.w"], architecture="clip"))
    if r.random() < 0.5:
        repo.add("config.json", f.json_text({"model_type": "llama"}))


@kind("gguf split", loaders=("llama.cpp",))
def _(repo, r, s):
    count, folder = r.randint(2, 4), r.choice(("", "Q4_K_M/"))
    for number in range(count):
        repo.add(f"{folder}tiny-Q4_K_M-{number + 1:05}-of-{count:05}.gguf", f.gguf(f"{s} {number}", [f"w{number}"], split=(number, count, count)),
                 "shard")


@kind("mlx npz", loaders=("mlx",))
def _(repo, r, s):
    repo.add("config.json", f.json_text({"model_type": "llama", "quantization": {"bits": 4}, "salt": r.getrandbits(30)}))
    repo.add("weights.npz", f.npz(s, ["w", "b"]), "sole")
    repo.add("tokenizer.model", f.sentencepiece(s))


@kind("mlx safetensors", loaders=("mlx",))
def _(repo, r, s):
    config(repo, r, quantization={"group_size": 64, "bits": 4})
    tokenizer(repo, r)
    repo.add("model.safetensors", f.safetensors(s, ["w"]), "shard")
    index(repo, "model.safetensors.index.json", {"w": "model.safetensors"}, 600)


@kind("mlx numbered npz")
def _(repo, r, s):
    repo.add("config.json", f.json_text({"model_type": "llama", "salt": r.getrandbits(30)}))
    for number in range(2):
        repo.add(f"weights.{number:02}.npz", f.npz(f"{s} {number}", ["w"]))


@kind("onnx with external data", loaders=("onnxruntime",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    folder = r.choice(("", "onnx/"))
    data = r.choice(("model.onnx_data", "model.onnx.data", "weights.bin"))
    repo.add(f"{folder}model.onnx", f.onnx(s, [(data, 0, 400), (data, 400, 600)]), "open")
    repo.add(folder + data, f.noise(f"{s} external", 1000), "named", lfs=True)


@kind("onnx variants", loaders=("onnxruntime",))
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    for name in ("model", "model_fp16", "model_quantized", "model_q4"):
        repo.add(f"onnx/{name}.onnx", f.onnx(f"{s} {name}"))


@kind("onnx encoder and decoder")
def _(repo, r, s):
    config(repo, r)
    for name in ("encoder_model", "decoder_model", "decoder_with_past_model"):
        repo.add(f"{name}.onnx", f.onnx(f"{s} {name}", [(f"{name}.onnx_data", 0, 400)]), "open")
        repo.add(f"{name}.onnx_data", f.noise(f"{s} {name}", 400), "named", lfs=True)


@kind("coreml package")
def _(repo, r, s):
    folder = r.choice(("", "original/packages/")) + "Model.mlpackage/"
    author = "com.apple.CoreML"
    repo.add(folder + "Manifest.json", f.json_text({
        "fileFormatVersion": "1.0.0", "rootModelIdentifier": "A1", "itemInfoEntries": {
            "A1": {"author": author, "description": "CoreML Model Specification", "name": "model.mlmodel", "path": f"{author}/model.mlmodel"},
            "B2": {"author": author, "description": "CoreML Model Weights", "name": "weights", "path": f"{author}/weights"}}}))
    repo.add(f"{folder}Data/{author}/model.mlmodel", f.coreml(s, "@model_path/weights/weight.bin"), "named")
    repo.add(f"{folder}Data/{author}/weights/weight.bin", f.noise(f"{s} weights", 900), "named", lfs=True)


def openvino_xml(s):
    return (f'<?xml version="1.0"?>\n<net name="Model{s}" version="11">\n<layers><layer id="0" name="w" type="Const" version="opset1">'
            '<data element_type="f32" shape="150" offset="0" size="600"/></layer></layers>\n</net>\n')


@kind("openvino")
def _(repo, r, s):
    config(repo, r)
    tokenizer(repo, r)
    repo.add("openvino_model.xml", openvino_xml(s), "open")
    repo.add("openvino_model.bin", f.noise(s, 600), "need", lfs=True)
    if r.random() < 0.5:
        for name in ("openvino_tokenizer", "openvino_detokenizer"):
            repo.add(f"{name}.xml", openvino_xml(f"{s}{name}"))
            repo.add(f"{name}.bin", f.noise(f"{s} {name}", 600), lfs=True)


@kind("tensorflow saved model")
def _(repo, r, s):
    count = r.choice((1, 1, 2))
    folder = r.choice(("", "saved_model/"))
    repo.add(folder + "saved_model.pb", f.saved_model(s), "open")
    repo.add(folder + "variables/variables.index", f.noise(s, 200) + bytes.fromhex("57fb808b247547db"), "open")
    for number in range(count):
        repo.add(f"{folder}variables/variables.data-{number:05}-of-{count:05}", f.noise(f"{s} {number}", 700), "shard" if count > 1 else "open",
                 lfs=True)
    repo.add(folder + "keras_metadata.pb", b"\x0a\x04root")
    repo.add(folder + "fingerprint.pb", b"\x08\x01")


@kind("scikit-learn")
def _(repo, r, s):
    repo.add(r.choice(("model.pkl", "sklearn_model.joblib", "skops_model.pickle")), f.sklearn_pickle(s), "need", lfs=True)
    if r.random() < 0.6:
        repo.add("config.json", f.json_text({"sklearn": {"model": {"file": list(repo.files)[0]}, "environment": []}}))


@kind("ctranslate2", loaders=("ctranslate2",))
def _(repo, r, s):
    repo.add("config.json", f.json_text({"bos_token": "<s>", "layer_norm_epsilon": None, "salt": r.getrandbits(30)}))
    repo.add("model.bin", f.ctranslate2(s), "sole")
    if r.random() < 0.5:
        repo.add("shared_vocabulary.json", f.json_text(["<unk>", "<s>"]))
    else:
        repo.add("vocabulary.txt", "<unk>\n<s>\n")
    tokenizer(repo, r)


@kind("nemo")
def _(repo, r, s):
    repo.add("parakeet.nemo", f.nemo(s), "sole")


@kind("spacy")
def _(repo, r, s):
    repo.add("meta.json", f.json_text({"lang": "en", "name": "core_web_sm", "pipeline": ["ner"], "salt": r.getrandbits(30)}))
    repo.add("config.cfg", "[nlp]\nlang = \"en\"\n")
    repo.add("ner/model", f.msgpack(s, ["nodes"]), "open", lfs=True)
    repo.add("ner/cfg", '{"moves": null}')
    repo.add("vocab/strings.json", f.json_text(["a", "b"]))
    repo.add("vocab/vectors", b"\x80")
    repo.add("vocab/lookups.bin", b"\x80")
    repo.add("tokenizer", b"\x85" + f.noise(s, 40))
    repo.add("en_core_web_sm-any-py3-none-any.whl", f._zip([("en_core_web_sm/__init__.py", b"")]), lfs=True)


@kind("flax")
def _(repo, r, s):
    config(repo, r)
    if r.random() < 0.5:
        repo.add("flax_model.msgpack", f.msgpack(s, ["params"]), "sole")
    else:
        sharded(repo, s, "flax_model", "msgpack", make=flax_shard, count=2)


@kind("keras 3")
def _(repo, r, s):
    if r.random() < 0.5:
        repo.add("model.keras", f.keras_zip(s), "sole")
    else:
        repo.add("config.json", f.json_text({"module": "keras_hub.src.models", "salt": r.getrandbits(30)}))
        repo.add("metadata.json", f.json_text({"keras_version": "3.3.3"}))
        repo.add("model.weights.h5", f.hdf5(s), "sole")
        repo.add("task.json", f.json_text({"module": "keras_hub"}))


@kind("tflite")
def _(repo, r, s):
    repo.add(r.choice(("model.tflite", "gemma.litertlm", "gemma.task")), f.flatbuffer(s, b"TFL3"), "sole", lfs=True)


@kind("executorch")
def _(repo, r, s):
    repo.add("model.pte", f.flatbuffer(s, b"ET12"), "open")
    if r.random() < 0.5:
        repo.add("model.ptd", f.flatbuffer(s, b"FT01"), lfs=True)
    if r.random() < 0.5:
        repo.add("config.json", f.json_text({"model_type": "llama"}))
        repo.add("tokenizer.bin", f.noise(s, 500))


@kind("tensorrt")
def _(repo, r, s):
    repo.add("config.json", f.json_text({"pretrained_config": {"architecture": "LlamaForCausalLM"}, "build_config": {}}))
    for rank in range(r.randint(1, 2)):
        repo.add(f"rank{rank}.engine" if r.random() < 0.7 else f"model{rank}.plan", b"ftrt" + f.noise(f"{s} {rank}", 700), "open")


@kind("fasttext")
def _(repo, r, s):
    repo.add(r.choice(("model.bin", "lid.176.bin")), f.fasttext(s), "sole")


@kind("whisper.cpp")
def _(repo, r, s):
    for name in ("ggml-tiny.bin", "ggml-tiny-q5_1.bin"):
        repo.add(name, f.whisper_cpp(f"{s} {name}"))


@kind("odd weight names")
def _(repo, r, s):
    config(repo, r)
    name, data = r.choice((("model.pdparams", f.torch_legacy(s)), ("weights.npy", f.npy(s)), ("model.mlmodel", f.coreml(s, "x")),
                           ("model.rknn", b"RKNN" + f.noise(s, 700)), ("model.mnn", f.noise(s, 700)), ("model.dlc", f._zip([("model", b"x")])),
                           ("yolo11n.torchscript", f.torch_zip(s)), ("model.hef", f.noise(s, 700)), ("net.param", f.noise(s, 700)),
                           ("weights", f.noise(s, 700)), ("model.ubj", f.noise(s, 700)), ("pretrained.tar", f.tar([("w", b"x" * 600)]))))
    repo.add(name, data, "need", lfs=True)


@kind("boosted trees")
def _(repo, r, s):
    """Weights that are text: XGBoost and LightGBM."""
    name, data = r.choice((("model.json", f.json_text({"learner": {"attributes": {}}, "version": [2, 0, 0], "salt": s})),
                           ("model.txt", f"tree\nversion=v4\nnum_class=1\n{s}\n")))
    repo.add(name, data, "open")


@kind("tokenizer only", weightless=True, loaders=("tokenizer",))
def _(repo, r, s):
    tokenizer(repo, r)


@kind("config only", weightless=True)
def _(repo, r, s):
    config(repo, r)


# Odd listings ---------------------------------------------------------------------------------------------------------

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


# Datasets and spaces --------------------------------------------------------------------------------------------------

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
