"""Small files with a true structure: headers, offsets and trailers are right, the payload is noise."""

import hashlib
import io
import json
import pickle
import struct
import tarfile
import zipfile
import zlib

PAST = (2024, 5, 1, 12, 0, 0)


def noise(seed, size):
    """`size` bytes without structure, the same for the same seed."""
    return hashlib.shake_256(f"oracle {seed}".encode()).digest(size)


def json_text(value, indent=2):
    return (json.dumps(value, indent=indent, ensure_ascii=False) + "\n").encode()


# Weights --------------------------------------------------------------------------------------------------------------

def safetensors(seed, names, elements=150):
    """A header padded with spaces to 8 bytes, then the tensors without a gap."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        header[name] = {"dtype": "F32", "shape": [elements], "data_offsets": [at, at + 4 * elements]}
        at += 4 * elements
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + noise(seed, at)


def _gguf_text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def gguf(seed, names, elements=160, split=None, architecture="llama"):
    """GGUF v3 with F32 tensors; `split` = (number, count, tensors in all). The last tensor has no padding."""
    text = lambda key, value: _gguf_text(key) + struct.pack("<I", 8) + _gguf_text(value)
    number = lambda key, kind, value: _gguf_text(key) + struct.pack("<I", kind) + value
    values = [text("general.architecture", architecture), text("general.name", str(seed))]
    values.append(_gguf_text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3)
                  + b"".join(map(_gguf_text, ("<s>", "</s>", "a"))))
    if split:
        values += [number("split.no", 2, struct.pack("<H", split[0])),
                   number("split.count", 2, struct.pack("<H", split[1])),
                   number("split.tensors.count", 5, struct.pack("<i", split[2]))]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(names), len(values)) + b"".join(values)
    size = elements * 4 + -(elements * 4) % 32
    for i, name in enumerate(names):
        head += _gguf_text(name) + struct.pack("<IQIQ", 1, elements, 0, i * size)
    head += b"\0" * (-len(head) % 32)
    return head + noise(seed, size * len(names))


def _zip(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, PAST), data)
    return out.getvalue()


def torch_zip(seed, size=700):
    """What torch.save has written since 1.6."""
    return _zip([("archive/data.pkl", pickle.dumps({"weight": [0.0]}, protocol=2)),
                 ("archive/data/0", noise(seed, size)), ("archive/version", b"3\n")])


def torch_legacy(seed, size=700):
    """Before 1.6: a pickle stream that no trailer ends."""
    return b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + noise(seed, size)


def npy(seed, elements=150):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({elements},), }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head + noise(seed, 4 * elements)


def npz(seed, names):
    return _zip([(f"{name}.npy", npy(f"{seed} {name}")) for name in names])


def keras_zip(seed):
    return _zip([("metadata.json", b'{"keras_version": "3.3.3"}'), ("config.json", b'{"module": "keras"}'),
                 ("model.weights.h5", hdf5(seed))])


def hdf5(seed, size=640):
    """The superblock of version 0 with its end-of-file address."""
    head = b"\x89HDF\r\n\x1a\n" + bytes((0, 0, 0, 0, 0, 8, 8, 0)) + struct.pack("<HHI", 4, 16, 0)
    head += struct.pack("<QQQQ", 0, 2 ** 64 - 1, 96 + size, 2 ** 64 - 1) + struct.pack("<QQII", 0, 96, 0, 0) + b"\0" * 16
    return head + noise(seed, 96 + size - len(head))


def msgpack(seed, names, size=300):
    out = bytes((0x80 | len(names),))
    for name in names:
        out += bytes((0xA0 | len(name),)) + name.encode() + b"\xc5" + struct.pack(">H", size) + noise(f"{seed} {name}", size)
    return out


def _field(number, data):
    """A length-delimited field of a protobuf message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes((value,))


def onnx(seed, external=(), inside=120):
    """ModelProto: ir_version, producer, a graph with raw and external initializers, an opset. `external`: (file, offset, size)."""
    tensors = _field(5, b"\x08" + _varint(inside) + b"\x10\x01" + _field(8, b"bias") + _field(9, noise(seed, 4 * inside)))
    for i, (location, offset, length) in enumerate(external):
        pairs = (("location", location), ("offset", str(offset)), ("length", str(length)))
        tensors += _field(5, b"\x08" + _varint(length // 4) + b"\x10\x01" + _field(8, f"w{i}".encode())
                          + b"".join(_field(13, _field(1, k.encode()) + _field(2, v.encode())) for k, v in pairs)
                          + b"\x70\x01")
    node = _field(1, _field(1, b"x") + _field(2, b"y") + _field(4, b"Identity"))
    graph = node + _field(2, b"main_graph") + tensors
    return b"\x08\x08" + _field(2, b"pytorch") + _field(7, graph) + _field(8, _field(1, b"") + b"\x10\x11")


def coreml(seed, inner):
    """A Core ML program that reads its weights from `inner`."""
    return b"\x08\x07" + _field(2, _field(1, _field(1, b"x"))) + _field(502, _field(2, inner.encode()) + noise(seed, 200))


def sentencepiece(seed):
    pieces = b"".join(_field(1, _field(1, word) + b"\x15" + struct.pack("<f", -1.0)) for word in (b"<unk>", b"<s>", b"</s>", b"a"))
    return pieces + _field(1, _field(1, noise(seed, 6).hex().encode()))


def saved_model(seed):
    return b"\x08\x01" + _field(2, _field(1, _field(4, b"serve")) + _field(2, noise(seed, 300)))


def flatbuffer(seed, identifier, size=700):
    return struct.pack("<I", 24) + identifier + b"\0" * 16 + noise(seed, size)


def ctranslate2(seed, size=700):
    name = b"TransformerSpec\0"
    return struct.pack("<IH", 6, len(name)) + name + struct.pack("<II", 7, 1) + noise(seed, size)


def fasttext(seed, size=700):
    return struct.pack("<ii", 793712314, 12) + noise(seed, size)


def whisper_cpp(seed, size=700):
    return struct.pack("<I", 0x67676D6C) + struct.pack("<11i", *range(11)) + noise(seed, size)


def sklearn_pickle(seed):
    return pickle.dumps({"coef_": list(noise(seed, 300)), "classes_": ["a", "b"]}, protocol=4)


def nemo(seed):
    return tar([("./model_config.yaml", b"name: x\n"), ("./model_weights.ckpt", torch_zip(seed))])


def tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1714550400
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


# Data -----------------------------------------------------------------------------------------------------------------

def parquet(seed, rows=200):
    """One column, one row group, and a footer in Thrift's compact protocol."""
    zigzag = lambda value: _varint(value << 1)
    text = lambda value: _varint(len(value)) + value
    page = noise(seed, 4 * rows)
    schema = b"\x19\x2c" + b"\x48" + text(b"schema") + b"\x15" + zigzag(1) + b"\0" + (
        b"\x15" + zigzag(1) + b"\x25" + zigzag(0) + b"\x18" + text(b"value") + b"\0")
    column = b"\x15" + zigzag(1) + b"\x19\x15" + zigzag(0) + b"\x19\x18" + text(b"value") + b"\x15" + zigzag(0) + (
        b"\x16" + zigzag(rows) + b"\x16" + zigzag(len(page)) + b"\x16" + zigzag(len(page)) + b"\x26" + zigzag(4) + b"\0")
    group = b"\x19\x1c" + b"\x26" + zigzag(4) + b"\x1c" + column + b"\0" + b"\x16" + zigzag(len(page)) + b"\x16" + zigzag(rows) + b"\0"
    footer = b"\x15" + zigzag(1) + schema + b"\x16" + zigzag(rows) + b"\x19\x1c" + group + b"\0"
    return b"PAR1" + page + footer + struct.pack("<I", len(footer)) + b"PAR1"


def arrow_file(seed, size=600):
    footer = struct.pack("<IHHi", 8, 4, 4, 4) + b"\0" * 4  # a flatbuffer whose root has no fields
    return b"ARROW1\0\0" + noise(seed, size) + footer + struct.pack("<i", len(footer)) + b"ARROW1"


def arrow_stream(seed, size=600):
    """What datasets writes: messages, each after a continuation marker, and the end of the stream."""
    return b"\xff\xff\xff\xff" + struct.pack("<i", 16) + noise(seed, 16) + noise(seed, size) + b"\xff\xff\xff\xff\0\0\0\0"


def png(seed, side=12):
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + noise(f"{seed} {row}", side) for row in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def wav(seed, size=600):
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + (
        b"data" + struct.pack("<I", size) + noise(seed, size))


def apple_double(seed):
    return bytes.fromhex("0005160700020000") + b"Mac OS X        " + noise(seed, 80)


def ds_store(seed):
    return b"\0\0\0\x01Bud1" + noise(seed, 200)
