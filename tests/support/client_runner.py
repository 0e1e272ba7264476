"""Runs inside a client's virtual environment: one job, given as JSON in argv[1].

It must run on every huggingface_hub since 0.13, so it uses what all of them have.
"""

import json
import sys

import huggingface_hub
from huggingface_hub import constants, file_download


def read_in_steps(size):
    """The client buffers 10 MiB before it writes. Smaller steps let a test's 2 MiB shard be partly on
    disk; nothing else changes."""
    fixed = not hasattr(constants, "DOWNLOAD_CHUNK_SIZE")
    constants.DOWNLOAD_CHUNK_SIZE = size
    if hasattr(file_download, "DOWNLOAD_CHUNK_SIZE"):  # 0.23 imports the name
        file_download.DOWNLOAD_CHUNK_SIZE = size
    if fixed:  # before 0.20 the number stands in the code
        import requests
        whole = requests.Response.iter_content
        requests.Response.iter_content = lambda self, chunk_size=1, **more: whole(self, min(chunk_size, size), **more)


def publish(job):
    """Moves blobs into the shared store by the client's own function, as a Xet download would have.
    There is no Xet server in the tests, and this is the only part of it that touches the cache."""
    import os

    from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

    published = []
    for etag, xet_hash in job["xet_hashes"].items():
        blob = os.path.join(constants.HF_HUB_CACHE, job["folder"], "blobs", etag)
        if os.path.isfile(blob) and not os.path.islink(blob):
            if not publish_blob_to_shared_store(
                blob_path=blob, xet_hash=xet_hash, cache_dir=constants.HF_HUB_CACHE,
                expected_size=os.path.getsize(blob),
            ):
                sys.exit(f"the client would not publish {etag}")
            published.append(etag)
    return published


def link_shared(job):
    """Links a blob from the shared store, as a second repo with the same file does."""
    import os

    from huggingface_hub.utils._shared_blobs import try_link_from_shared_store

    for etag, (xet_hash, size) in job["blobs"].items():
        blob = os.path.join(constants.HF_HUB_CACHE, job["folder"], "blobs", etag)
        os.makedirs(os.path.dirname(blob), exist_ok=True)
        if not try_link_from_shared_store(
            blob_path=blob, xet_hash=xet_hash, cache_dir=constants.HF_HUB_CACHE, expected_size=size
        ):
            sys.exit(f"the client would not link {etag}")
    return list(job["blobs"])


def main():
    job = json.loads(sys.argv[1])
    if job.get("step"):
        read_in_steps(job["step"])
    arguments = job.get("arguments", {})
    calls = {
        "snapshot": lambda: huggingface_hub.snapshot_download(**arguments),
        "file": lambda: huggingface_hub.hf_hub_download(**arguments),
        "probe": lambda: huggingface_hub.file_exists(**arguments),
        "publish": lambda: publish(job),
        "link": lambda: link_shared(job),
    }
    print(json.dumps(calls[job["call"]](), default=str))


if __name__ == "__main__":
    main()
