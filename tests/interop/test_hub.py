"""The test Hub speaks the Hub's protocol: what clients rely on, endpoint by endpoint."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

TESTHUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "testhub")
sys.path.insert(0, TESTHUB)

from hub import (  # noqa: E402
    Content, Hub, Repo, make_dataset, make_diffusers, make_gguf, make_model, make_pytorch_zip,
)

SHARD = "model-00002-of-00003.safetensors"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def ask(url, method="GET", data=None, **headers):
    """Status, headers and body, with no redirect followed and no error raised."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        answer = OPENER.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def ask_json(url, **headers):
    return json.loads(ask(url, **headers)[2])


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.repo = make_model("acme/three", shards=3, shard_size=64 << 10, old_ids=("acme/old",))
        cls.repo.tag("v1").commit({"README.md": "new"}).commit({"a": "b"}, branch="refs/pr/1")
        secret = make_model("acme/secret", shards=1, shard_size=8192, private=True)
        gated = make_model("acme/gated", shards=1, shard_size=8192, gated=True)
        tokens = {"hf_in": ["acme/secret", "acme/gated"], "hf_out": []}
        cls.hub = Hub(cls.repo, secret, gated, make_dataset("acme/rows", size=8192), tokens=tokens,
                      page_size=4, xet=True)
        cls.hub.__enter__()
        cls.addClassCleanup(cls.hub.__exit__)
        cls.url = cls.hub.url

    def error_code(self, path, **headers):
        status, answer, _ = ask(self.url + path, **headers)
        return status, answer["X-Error-Code"]

    def test_repo_info_names_the_commit_of_a_revision(self):
        for revision, commit in (("main", 1), ("v1", 0), ("refs%2Fpr%2F1", 2)):
            info = ask_json(f"{self.url}/api/models/acme/three/revision/{revision}?blobs=true")
            self.assertEqual(info["sha"], self.repo.history[commit].oid)
        sizes = {s["rfilename"]: s["size"] for s in info["siblings"]}
        self.assertEqual(sizes[SHARD], 64 << 10)

    def test_tree_comes_in_pages(self):
        url, entries, pages = f"{self.url}/api/models/acme/three/tree/main?recursive=true", [], 0
        while url:
            _, headers, body = ask(url)
            entries += json.loads(body)
            pages += 1
            link = headers["Link"]
            url = link.split(">")[0][1:] if link else None
        self.assertEqual({e["path"] for e in entries}, set(self.repo.head.files))
        self.assertEqual(len(entries), len(self.repo.head.files))
        self.assertEqual(pages, 3)
        shard = next(e for e in entries if e["path"] == SHARD)
        file = self.repo.head.files[SHARD]
        self.assertEqual(shard["lfs"]["oid"], file.content.sha256)
        self.assertEqual(shard["oid"], Content(file.content.pointer).git_oid)
        self.assertEqual(shard["size"], file.content.size)

    def test_tree_of_a_folder_and_its_folders(self):
        base = f"{self.url}/api/datasets/acme/rows/tree/main"
        top = {e["path"]: e["type"] for e in ask_json(base)}
        self.assertEqual(top["data"], "directory")
        inner = [e["path"] for e in ask_json(base + "/data%2Fen")]
        self.assertEqual(len(inner), 3)
        self.assertEqual(self.error_code("/api/datasets/acme/rows/tree/main/nowhere"),
                         (404, "EntryNotFound"))

    def test_paths_info_leaves_out_what_is_absent(self):
        url = f"{self.url}/api/models/acme/three/paths-info/main"
        form = urllib.parse.urlencode([("paths", "config.json"), ("paths", "no")]).encode()
        self.assertEqual([e["path"] for e in json.loads(ask(url, data=form)[2])], ["config.json"])
        many = urllib.parse.urlencode([("paths", str(i)) for i in range(1001)]).encode()
        self.assertEqual(ask(url, data=many)[0], 413)

    def test_refs(self):
        refs = ask_json(f"{self.url}/api/models/acme/three/refs")
        self.assertEqual(refs["tags"][0]["name"], "v1")
        self.assertEqual(refs["branches"][0]["targetCommit"], self.repo.head.oid)

    def test_missing_repo_revision_and_file_are_told_apart(self):
        self.assertEqual(self.error_code("/acme/three/resolve/main/no"), (404, "EntryNotFound"))
        self.assertEqual(self.error_code("/acme/three/resolve/no/no"), (404, "RevisionNotFound"))
        self.assertEqual(self.error_code("/api/models/acme/no"), (401, "RepoNotFound"))
        known = {"authorization": "Bearer hf_out"}
        self.assertEqual(self.error_code("/api/models/acme/no", **known), (404, "RepoNotFound"))

    def test_missing_file_names_the_commit(self):
        headers = ask(f"{self.url}/acme/three/resolve/main/no", "HEAD")[1]
        self.assertEqual(headers["X-Repo-Commit"], self.repo.head.oid)

    def test_private_gated_and_bad_tokens(self):
        inside, outside = {"authorization": "Bearer hf_in"}, {"authorization": "Bearer hf_out"}
        secret, gated = "/api/models/acme/secret", "/acme/gated/resolve/main/config.json"
        self.assertEqual(self.error_code(secret), (401, "RepoNotFound"))
        self.assertEqual(self.error_code(secret, **outside), (404, "RepoNotFound"))
        self.assertEqual(ask(self.url + secret, **inside)[0], 200)
        self.assertEqual(self.error_code(gated), (401, "GatedRepo"))
        self.assertEqual(self.error_code(gated, **outside), (403, "GatedRepo"))
        self.assertEqual(ask(self.url + gated, **inside)[0], 307)
        status, headers, _ = ask(self.url + "/api/models/acme/three", authorization="Bearer hf_bad")
        self.assertEqual((status, headers["X-Error-Message"]),
                         (401, "Invalid credentials in Authorization header"))
        tree = f"{self.url}/api/models/acme/gated/tree/main"
        self.assertIn("*" * 64, [e.get("xetHash") for e in ask_json(tree + "?limit=99", **outside)])

    def test_renamed_repo_redirects_on_the_same_host(self):
        status, headers, _ = ask(f"{self.url}/acme/old/resolve/main/config.json", "HEAD")
        self.assertEqual(status, 307)
        self.assertEqual(headers["Location"], "/acme/three/resolve/main/config.json")

    def test_every_answer_carries_rate_limits(self):
        headers = ask(f"{self.url}/api/models/acme/three")[1]
        self.assertRegex(headers["RateLimit"], r'"api";r=\d+;t=\d+')

    def test_lfs_file_is_on_another_host(self):
        status, headers, _ = ask(f"{self.url}/acme/three/resolve/main/{SHARD}", "HEAD")
        file = self.repo.head.files[SHARD]
        self.assertEqual(status, 302)
        self.assertEqual(headers["X-Linked-Etag"], f'"{file.etag}"')
        self.assertEqual(headers["X-Linked-Size"], str(file.content.size))
        self.assertNotEqual(headers["Content-Length"], str(file.content.size))
        self.assertTrue(headers["Location"].startswith("http://127.0.0.2:"))
        location = headers["Location"]
        status, headers, body = ask(location)
        self.assertEqual(body, file.content.read())
        self.assertNotIn(file.etag, headers["ETag"])
        self.assertEqual(ask(location, authorization="Bearer hf_in")[0], 400)
        self.assertEqual(ask(location.replace("Signature=", "Signature=0"))[0], 403)

    def test_ranges(self):
        location = ask(f"{self.url}/acme/three/resolve/main/{SHARD}", "HEAD")[1]["Location"]
        size = 64 << 10
        for header, start, end in (("0-0", 0, 1), ("100-199", 100, 200), ("65000-", 65000, size),
                                   ("-36", size - 36, size)):
            status, headers, body = ask(location, range=f"bytes={header}")
            self.assertEqual(status, 206)
            self.assertEqual(headers["Content-Range"], f"bytes {start}-{end - 1}/{size}")
            self.assertEqual(body, self.repo.head.files[SHARD].content.read(start, end))
        status, headers, _ = ask(location, range=f"bytes={size}-")
        self.assertEqual((status, headers["Content-Range"]), (416, f"bytes */{size}"))

    def test_small_text_is_gzipped_where_taken_and_then_ignores_ranges(self):
        url = ask(f"{self.url}/acme/three/resolve/main/config.json", "HEAD")[1]["Location"]
        plain = ask(self.url + url, accept_encoding="identity", range="bytes=1-2")
        self.assertEqual((plain[0], len(plain[2])), (206, 2))
        status, headers, _ = ask(self.url + url, accept_encoding="gzip", range="bytes=1-2")
        self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip"))
        self.assertTrue(headers["ETag"].startswith('W/"'))
        self.assertIsNone(headers["Content-Length"])

    def test_raw_gives_the_pointer(self):
        body = ask(f"{self.url}/acme/three/raw/main/{SHARD}")[2]
        self.assertTrue(body.startswith(b"version https://git-lfs"))

    def test_hub_itself_has_not_failed(self):
        self.assertEqual(self.hub.errors, [])


class Contents(unittest.TestCase):
    def test_same_seed_same_bytes_in_memory_and_in_a_file(self):
        self.assertEqual(Content.generate("x", 99).sha256, Content.generate("x", 99).sha256)
        self.assertNotEqual(Content.generate("x", 99).sha256, Content.generate("y", 99).sha256)
        big = Content.generate("big", 17 << 20, head=b"head")
        self.assertEqual(big.read(0, 4), b"head")
        self.assertEqual(big.sha256, Content(big.read()).sha256)
        self.assertEqual(len(big.read(big.size - 5)), 5)

    def test_safetensors_header_fits_its_file(self):
        for path, file in make_model("acme/x", shards=2, shard_size=40000).head.files.items():
            if path.endswith(".safetensors"):
                data = file.content.read()
                (length,) = struct.unpack("<Q", data[:8])
                header = json.loads(data[8:8 + length])
                ends = sorted(v["data_offsets"] for k, v in header.items() if k[0] != "_")
                self.assertEqual(len(data), 8 + length + ends[-1][1])
                self.assertEqual([b for b, _ in ends], [0] + [e for _, e in ends[:-1]])

    def test_other_formats_can_be_made(self):
        for repo in (make_gguf("acme/g", splits=2, size=8192), make_diffusers("acme/d", size=8192),
                     make_pytorch_zip("acme/p", size=8192, shards=2), Repo("gpt2").commit({"a": "b"})):
            self.assertEqual(len(repo.head.oid), 40)

    def test_runs_as_a_program(self):
        spec = {"repos": [{"make": "model", "repo_id": "acme/x", "shards": 1, "shard_size": 8192}],
                "faults": [{"kind": "status", "code": 503, "times": 1, "on": "api"}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(spec, file)
            file.flush()
            command = [sys.executable, os.path.join(TESTHUB, "hub.py"), "--spec", file.name]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as hub:
                url = json.loads(hub.stdout.readline())["url"]
                statuses = [ask(url + "/api/models/acme/x")[0] for _ in range(2)]
                log = ask_json(url + "/_hub/log")
                hub.stdin.close()
                self.assertEqual(hub.wait(20), 0)
        self.assertEqual(statuses, [503, 200])
        self.assertEqual(len(log), 2)


if __name__ == "__main__":
    unittest.main()
