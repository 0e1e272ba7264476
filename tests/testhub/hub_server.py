"""The sockets of the test Hub: one server for the Hub, one for its CDN, a thread a connection.

Both listen on the loopback interface only. The Hub is 127.0.0.1, the CDN 127.0.0.2, so that for
every client they are two hosts, and no name has to be resolved.
"""

import contextlib
import json
import socket
import threading
import time
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hub_api
import hub_faults
import hub_resolve
from hub_access import error
from hub_send import Sender

CONTROL = "/_hub/"


@dataclass
class Request:
    """What the endpoints and the faults need to know; `repo_id` and `file` are filled in by them."""

    kind: str  # "api", "resolve", "cdn"
    method: str
    url_path: str
    query: str
    headers: dict
    body: bytes = b""
    repo_id: str = None
    file: str = None
    carries_body: bool = False


@dataclass
class Entry:
    """One line of the access log; `sent` grows while the body is on its way."""

    host: str  # "hub" or "cdn"
    kind: str
    method: str
    path: str
    query: str
    headers: dict
    peer: str
    time: float = field(default_factory=time.time)
    ended: float = None  # when nothing more was sent; None: not yet
    status: int = None
    sent: int = 0
    file: str = None
    repo_id: str = None
    uid: int = None  # whose process asks; only where hub.watch_uids is set


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, hub, host):
        self.hub, self.host = hub, host
        super().__init__(({"hub": "127.0.0.1", "cdn": "127.0.0.2"}[host], 0), Handler)

    def handle_error(self, request, client_address):
        """A client that went away is none of our business; anything else is a bug in the Hub."""
        import sys
        import traceback
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            self.hub.errors.append(traceback.format_exc())

    def shutdown_request(self, request):
        """Without a farewell where a fault wants a reset: closing it with SO_LINGER 0 is one."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


def owner_of_connection(port, to):
    """The uid of the process behind a connection over IPv4, as the kernel lists it; None: it is not there."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            words = line.split()
            if int(words[1].split(":")[1], 16) == port and int(words[2].split(":")[1], 16) == to:
                return int(words[7])
    return None


class BlackHole:
    """An IPv6 address at which a connection is neither made nor refused: a listener that takes none and whose
    queue is full, so that the kernel drops what comes. Needs no rights."""

    def __init__(self, port):
        self._sockets = [socket.socket(socket.AF_INET6)]
        self._sockets[0].bind(("::1", port))
        self._sockets[0].listen(0)
        for _ in range(4):
            waiting = socket.socket(socket.AF_INET6)
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(("::1", port))
            self._sockets.append(waiting)

    def close(self):
        for each in self._sockets:
            each.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 600

    def log_message(self, *_):
        pass  # the log is in memory

    def version_string(self):
        return "test-hub"

    def do_GET(self):
        hub, host = self.server.hub, self.server.host
        url_path, _, query = self.path.partition("?")
        if host == "hub" and not url_path.startswith((hub.prefix + "/", CONTROL)):
            return self.send_error(404)  # beside the mirror
        if host == "hub":
            url_path = url_path.removeprefix(hub.prefix)
        kind = "cdn" if host == "cdn" else "api"
        if host == "hub" and not (
            url_path.startswith("/api/") and not url_path.startswith("/api/resolve-cache/")
        ):
            kind = "resolve"
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        request = Request(kind, self.command, url_path, query, headers, body)
        if host == "hub" and url_path.startswith(CONTROL):
            return self._control(request)
        peer = "%s:%d" % self.client_address[:2]
        entry = Entry(host, kind, self.command, url_path, query, dict(headers), peer)
        if getattr(hub, "watch_uids", False):
            entry.uid = owner_of_connection(self.client_address[1], self.server.server_address[1])
        hub.log.append(entry)
        response = self._answer(hub, request)
        entry.file, entry.repo_id = request.file, request.repo_id
        request.carries_body = request.file is not None and response.status == 200
        faults = [fault for fault in hub.faults if fault.fires(request)]
        try:
            Sender(hub, self, request, entry, faults).send(response)
        finally:
            entry.ended = time.time()

    do_HEAD = do_POST = do_GET

    def _answer(self, hub, request):
        if request.kind == "cdn":
            return hub_resolve.answer_cdn(hub, request)
        limits, over = hub.rate_limit.take("api" if request.kind == "api" else "resolvers")
        if over:
            response = error(429, message="We had to rate limit you.")
        elif request.kind == "api":
            response = hub_api.answer(hub, request)
        else:
            response = hub_resolve.answer(hub, request)
        if response.headers.get("Location", "").startswith("/"):
            response.headers["Location"] = hub.prefix + response.headers["Location"]
        response.headers |= limits | {"X-Request-Id": f"Root=1-{len(hub.log):08x}"}
        return response

    def _control(self, request):
        """What a test in another language asks of the Hub; never in the log, never faulty."""
        hub = self.server.hub
        verb, _, name = request.url_path.removeprefix(CONTROL).partition("/")
        out = {}
        if verb == "log":
            out = [asdict(entry) for entry in hub.log]
        elif verb == "clear":
            hub.log.clear()
        elif verb == "held":
            out = hub.barriers.held()
        elif verb == "release":
            hub.barriers.release(name)
        elif verb == "faults":
            hub.faults = [hub_faults.from_dict(spec) for spec in json.loads(request.body or b"[]")]
        elif verb == "errors":
            out = hub.errors
        else:
            return self.send_error(404)
        data = json.dumps(out).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
