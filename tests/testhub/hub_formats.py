"""Weight files with real, valid headers: safetensors, GGUF, zip checkpoints.

The payloads are noise, the structure is exact: whoever checks a header against the size of its file
finds them in order, and finds any cut.
"""

import io
import json
import pickle
import struct
import zipfile

from hub_content import Content, blocks


def safetensors(seed, size, names, metadata=None):
    """A safetensors file of exactly `size` bytes that holds the tensors `names`.

    u64 length of the header, the header as JSON padded with spaces to 8 bytes, the tensors without a
    gap: file size = 8 + N + the last end offset.
    """
    room = 256 + sum(len(name) + 120 for name in names)
    room += -room % 8
    payload = size - 8 - room
    share = payload // len(names) // 4 * 4
    header = {"__metadata__": metadata or {"format": "pt"}}
    begin = 0
    for name in names:
        end = begin + share if name != names[-1] else payload
        header[name] = _tensor(end - begin, begin, end)
        begin = end
    text = json.dumps(header, separators=(",", ":")).encode()
    return Content.generate(seed, size, head=struct.pack("<Q", room) + text.ljust(room))


def _tensor(length, begin, end):
    if length % 2:  # only a byte type fits an odd length
        return {"dtype": "U8", "shape": [length], "data_offsets": [begin, end]}
    return {"dtype": "BF16", "shape": [length // 2], "data_offsets": [begin, end]}


def _gguf_string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def _gguf_value(key, value):
    key = _gguf_string(key)
    if isinstance(value, str):
        return key + struct.pack("<I", 8) + _gguf_string(value)
    kind, layout = {"u16": (2, "<H"), "u32": (4, "<I"), "i32": (5, "<i")}[value[0]]
    return key + struct.pack("<I", kind) + struct.pack(layout, value[1])


def gguf(seed, size, names, split=None):
    """A GGUF v3 file of about `size` bytes (rounded to its alignment) with F32 tensors.

    `split` = (number, count, tensors in all) makes it a part of a split model.
    """
    values = [
        ("general.architecture", "llama"),
        ("general.alignment", ("u32", 32)),
        ("general.name", seed),
    ]
    if split:
        values += [
            ("split.no", ("u16", split[0])),
            ("split.count", ("u16", split[1])),
            ("split.tensors.count", ("i32", split[2])),
        ]
    values = b"".join(_gguf_value(key, value) for key, value in values)
    room = 24 + len(values) + sum(len(name) + 32 for name in names)
    room += -room % 32
    elements = max((size - room) // len(names) // 32 * 8, 8)  # 4 bytes each, whole alignment units
    infos = b"".join(
        _gguf_string(name) + struct.pack("<IQIQ", 1, elements, 0, i * elements * 4)
        for i, name in enumerate(names)
    )
    head = b"GGUF" + struct.pack("<IQQ", 3, len(names), 6 if split else 3)
    head += values + infos
    head += b"\0" * (-len(head) % 32)
    return Content.generate(seed, len(head) + elements * 4 * len(names), head=head)


def pytorch_zip(seed, size, name="archive"):
    """A checkpoint as torch.save has written it since 1.6: an uncompressed zip with a pickle."""
    pickled = pickle.dumps({"weight": [0.0]}, protocol=2)
    overhead = 1024 + len(pickled)
    storage = b"".join(blocks(seed, max(size - overhead, 64)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry, data in (("data.pkl", pickled), ("data/0", storage), ("version", b"3\n")):
            archive.writestr(zipfile.ZipInfo(f"{name}/{entry}", (1980, 1, 1, 0, 0, 0)), data)
    return Content(out.getvalue())


def pytorch_legacy(seed, size):
    """A checkpoint from before 1.6: a bare pickle stream, with no trailer to check."""
    return Content.generate(seed, size, head=b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")


def parquet(seed, size):
    """Enough of Parquet to look like it: the magic at both ends."""
    return Content.generate(seed, size, head=b"PAR1", tail=struct.pack("<I", 16) + b"PAR1")
