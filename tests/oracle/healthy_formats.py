"""The weights of other frameworks."""

import formats as f
from kinds import kind, config, tokenizer, sharded, flax_shard


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
