"""GGUF, MLX, ONNX, Core ML, OpenVINO."""

import formats as f
from kinds import kind, config, tokenizer, index, openvino_xml


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
