"""Adapters, sentence-transformers, timm, diffusers."""

import formats as f
from kinds import kind, config, tokenizer, index, openvino_xml


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
