"""What can go wrong between a client and the Hub, as values that a test hands to the Hub.

    Hub(make_model("acme/six"), faults=[
        throttle(1 << 20, path="*.safetensors"),       # 1 MiB/s, each connection
        status(503, times=2, on="api"),                # the first two API calls fail
        barrier("half", after=1 << 20, path="*-00003-*"),   # holds until hub.release("half")
    ])

Which responses a fault meets:
  path   glob on the file's path in its repo, or on the whole URL path where it holds a leading "/"
  on     "body" (GETs that carry a file's bytes, the default), "head", "resolve", "cdn", "api", "any"
  repo   a repo id; method; skip (let so many pass first); times (only so many); every (each n-th)
Offsets (`after`, `at`) count the bytes of that one response's body, unless a fault says otherwise.
"""

import fnmatch
import threading
from dataclasses import dataclass, field

KINDS = (
    "throttle", "stall", "close", "barrier", "slow", "silent", "status", "html", "ignore_range",
    "gzip", "etag_change", "oversend", "short", "corrupt", "reset", "content_range", "redirect",
)


@dataclass
class Fault:
    kind: str
    path: str = "*"
    on: str = "body"
    repo: str = None
    method: str = None
    skip: int = 0
    times: int = None
    every: int = 1
    with_: dict = field(default_factory=dict)  # the parameters of the kind

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")
        self._met = 0
        self._lock = threading.Lock()

    def fires(self, request):
        """Whether this fault meets this request; counts it where it matches."""
        if self.method and self.method != request.method:
            return False
        if self.repo and self.repo != request.repo_id:
            return False
        subject = request.url_path if self.path.startswith("/") else (request.file or "")
        if not fnmatch.fnmatchcase(subject, self.path) or not self._on(request):
            return False
        with self._lock:
            self._met += 1
            met = self._met - self.skip
        if met <= 0 or (met - 1) % self.every:
            return False
        return self.times is None or (met - 1) // self.every < self.times

    def _on(self, request):
        if self.on == "any":
            return True
        if self.on == "head":
            return request.method == "HEAD"
        if self.on == "body":
            return request.method == "GET" and request.carries_body
        return self.on == request.kind  # "resolve", "cdn", "api"


def from_dict(spec):
    """A fault from JSON: its own fields by name, every other key a parameter of its kind."""
    spec = dict(spec)
    own = {key: spec.pop(key) for key in list(spec) if key in Fault.__dataclass_fields__}
    return Fault(**own, with_=spec)


def _make(kind, where, **with_):
    return Fault(kind, with_=with_, **where)


def throttle(bytes_per_second, **where):
    return _make("throttle", where, bytes_per_second=bytes_per_second)


def stall(after, seconds, **where):
    """Goes silent after so many bytes, then goes on."""
    return _make("stall", where, after=after, seconds=seconds)


def close(after, **where):
    """Closes the connection in the middle of the body."""
    return _make("close", where, after=after)


def reset(after, **where):
    """The same with a TCP reset: what was under way is lost as well."""
    return _make("reset", where, after=after)


def barrier(name, after=0, **where):
    """Holds the response after so many bytes until hub.release(name): no timing, no luck."""
    return _make("barrier", where, name=name, after=after)


def slow(seconds, **where):
    """Answers late."""
    return _make("slow", where, seconds=seconds)


def silent(**where):
    """Takes the request and never answers."""
    return _make("silent", where)


def status(code, error_code=None, message=None, headers=None, body="", **where):
    """An error answer: 401, 403, 404, 416, 429, 500, 503… `headers` may hold Retry-After."""
    return _make("status", where, code=code, error_code=error_code, message=message,
                 headers=headers or {}, body=body)


def html(**where):
    """A proxy's error page with status 200 where the file should be."""
    return _make("html", where)


def ignore_range(**where):
    """200 and the whole file, whatever range was asked for."""
    return _make("ignore_range", where)


def content_range(shift=0, total=0, **where):
    """206 for a range that nobody asked for, `shift` bytes further on, and says so; or for a file that is `total`
    bytes longer than it is."""
    return _make("content_range", where, shift=shift, total=total)


def redirect(to="", **where):
    """Sends the client elsewhere; without `to` in a circle."""
    return _make("redirect", where, to=to)


def gzip(**where):
    """Compresses though nobody asked: chunked, weak ETag, Range ignored."""
    return _make("gzip", where)


def etag_change(**where):
    """The file is another one (other bytes, other ETag, same size): use skip= for "midway"."""
    return _make("etag_change", where)


def oversend(extra, declared=True, **where):
    """More bytes than the file has; `declared` says so in Content-Length, else it just sends them."""
    return _make("oversend", where, extra=extra, declared=declared)


def short(missing, **where):
    """A clean end too early: Content-Length itself is `missing` bytes too small."""
    return _make("short", where, missing=missing)


def corrupt(at, **where):
    """Flips a bit of the byte at this offset of the *file*, whatever range it is asked for in."""
    return _make("corrupt", where, at=at)


class Barriers:
    """The responses that are being held, by the name of their barrier."""

    def __init__(self):
        self._changed = threading.Condition()
        self._held = {}
        self._open = set()

    def hold(self, name, gone):
        """Blocks until released, or until `gone()` says that the client has left."""
        with self._changed:
            if name in self._open:
                return
            self._held[name] = self._held.get(name, 0) + 1
            self._changed.notify_all()
            while name not in self._open and not gone():
                self._changed.wait(0.05)
            self._held[name] -= 1

    def wait_held(self, name, count=1, timeout=60):
        """Waits until `count` responses stand at the barrier."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._held.get(name, 0) >= count, timeout):
                held = self._held.get(name, 0)
                raise TimeoutError(f"barrier {name}: {held} of {count} responses after {timeout} s")

    def release(self, name):
        """Opens the barrier for good."""
        with self._changed:
            self._open.add(name)
            self._changed.notify_all()

    def held(self):
        with self._changed:
            return dict(self._held)
