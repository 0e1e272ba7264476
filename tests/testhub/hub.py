"""A small Hugging Face Hub on the loopback interface, with faults, for tests and benchmarks.

    with Hub(make_model("acme/six"), faults=[throttle(1 << 20)]) as hub:
        run(..., env={"HF_ENDPOINT": hub.url})
        assert not hub.requests(host="cdn", header="authorization")

As a program, for tests in other languages; it prints one JSON line with its URLs, and ends when its
standard input does:

    python3 hub.py --spec spec.json
    {"repos": [{"make": "model", "repo_id": "acme/six", "shards": 6}],
     "faults": [{"kind": "throttle", "path": "*.safetensors", "bytes_per_second": 1000000}],
     "options": {"page_size": 3, "tokens": {"hf_x": ["acme/private"]}}}

While it runs, POST /_hub/faults replaces the faults, /_hub/release/NAME opens a barrier, and
/_hub/held, /_hub/log, /_hub/clear, /_hub/errors tell and reset.
"""

import argparse
import fnmatch
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hub_faults  # noqa: E402
import hub_models  # noqa: E402
from hub_access import Access, RateLimit, Tickets, User  # noqa: E402, F401
from hub_content import Content  # noqa: E402, F401
from hub_faults import (  # noqa: E402, F401
    Fault, barrier, close, content_range, corrupt, etag_change, gzip, html, ignore_range, oversend,
    redirect, reset, short, silent, slow, stall, status, throttle,
)
from hub_models import (  # noqa: E402, F401
    MIB,
    make_dataset, make_diffusers, make_gguf, make_model, make_pytorch_zip,
)
from hub_repos import Repo  # noqa: E402, F401
from hub_server import BlackHole, Server  # noqa: E402


class Hub:
    """The Hub and its CDN. Options:

    tokens              token -> list of repo ids it may enter (private and gated ones)
    page_size           entries on a page of the tree
    xet                 announce Xet hashes (there is no Xet server: clients need HF_HUB_DISABLE_XET)
    resolve_cache       small files by way of a relative redirect, as the Hub does since 2025
    gzip_text           compress small text for clients that take it
    rate_limit          {"api": n, "resolvers": n}: 429 beyond it, per `rate_window` seconds
    signed_url_seconds  how long a CDN URL is good; then 403, until the client asks the Hub for another
    signed_url_uses     how often
    max_unranged        the CDN refuses larger files without a Range
    prefix              a path that stands before everything, as a mirror's may: "/mirror"
    blackhole_ipv6      the Hub is called localhost: its IPv6 address takes no connection and says nothing
    """

    def __init__(self, *repos, faults=(), tokens=None, page_size=1000, xet=False, resolve_cache=True,
                 gzip_text=True, rate_limit=None, rate_window=300, signed_url_seconds=3600,
                 signed_url_uses=None, max_unranged=50 * 10**9, prefix="", blackhole_ipv6=False):
        self.repos = list(repos)
        self.faults = list(faults)
        self.access = Access(tokens)
        self.rate_limit = RateLimit(rate_limit, rate_window)
        self.page_size, self.xet, self.resolve_cache = page_size, xet, resolve_cache
        self.gzip_text, self.tickets = gzip_text, Tickets(signed_url_seconds, signed_url_uses)
        self.max_unranged, self.prefix = max_unranged, prefix
        self.barriers = hub_faults.Barriers()
        self.closing = threading.Event()
        self.log = []
        self.errors = []  # tracebacks of the Hub itself: a test should find none
        self._hub, self._cdn = Server(self, "hub"), Server(self, "cdn")
        self._hole = BlackHole(self._hub.server_port) if blackhole_ipv6 else None
        name = "localhost" if blackhole_ipv6 else "127.0.0.1"
        self.url = f"http://{name}:{self._hub.server_port}{prefix}"
        self.cdn_url = f"http://127.0.0.2:{self._cdn.server_port}"

    def __enter__(self):
        self._hub.start()
        self._cdn.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        for server in (self._hub, self._cdn):
            server.shutdown()
            server.server_close()
        if self._hole:
            self._hole.close()

    # --- what the endpoints ask ---

    def find(self, repo_type, repo_id):
        """The repo of this name, or of this former name; None."""
        for repo in self.repos:
            if repo.repo_type == repo_type and repo_id in (repo.repo_id, *repo.old_ids):
                return repo
        return None

    def stored(self, folder, sha256):
        """The content that a CDN URL names, of any commit, and its repo's id."""
        for repo in self.repos:
            if repo.folder == folder:
                for commit in repo.history:
                    for file in commit.files.values():
                        if file.lfs and file.content.sha256 == sha256:
                            return file.content, repo.repo_id
        return None, None

    # --- what tests ask ---

    def requests(self, host=None, method=None, path=None, file=None, header=None, status=None):
        """The log, filtered; `path` and `file` are globs, `header` a name that must be there."""
        def fits(entry):
            return (
                (host is None or entry.host == host)
                and (method is None or entry.method == method)
                and (path is None or fnmatch.fnmatchcase(entry.path, path))
                and (file is None or fnmatch.fnmatchcase(entry.file or "", file))
                and (header is None or header.lower() in entry.headers)
                and (status is None or entry.status == status)
            )
        return [entry for entry in list(self.log) if fits(entry)]

    def bytes_sent(self, **filters):
        return sum(entry.sent for entry in self.requests(**filters))

    def wait_held(self, name, count=1, timeout=60):
        self.barriers.wait_held(name, count, timeout)

    def release(self, name):
        self.barriers.release(name)


MAKERS = {
    "model": make_model, "gguf": make_gguf, "diffusers": make_diffusers,
    "pytorch": make_pytorch_zip, "dataset": make_dataset,
}


def make_repo(spec):
    """A repo from JSON: {"make": …, its arguments, "commits": [{path: text}…], "tags": {…}}."""
    spec = dict(spec)
    commits, tags = spec.pop("commits", []), spec.pop("tags", {})
    maker = spec.pop("make", None)
    repo = MAKERS[maker](spec.pop("repo_id"), **spec) if maker else Repo(**spec)
    for commit in commits:
        repo.commit(commit.get("files", {}), branch=commit.get("branch", "main"))
    for name, index in tags.items():
        repo.tag(name, repo.history[index].oid)
    return repo


def main():
    parser = argparse.ArgumentParser(description="A test Hub on the loopback interface.")
    parser.add_argument("--spec", required=True, help="JSON file: repos, faults, options")
    with open(parser.parse_args().spec) as file:
        spec = json.load(file)
    repos = [make_repo(repo) for repo in spec["repos"]]
    faults = [hub_faults.from_dict(fault) for fault in spec.get("faults", [])]
    with Hub(*repos, faults=faults, **spec.get("options", {})) as hub:
        commits = {repo.repo_id: [commit.oid for commit in repo.history] for repo in repos}
        print(json.dumps({"url": hub.url, "cdn_url": hub.cdn_url, "commits": commits}), flush=True)
        sys.stdin.read()  # the parent holds the other end: when it goes, so do we
    for trace in hub.errors:
        print(trace, file=sys.stderr)


if __name__ == "__main__":
    main()
