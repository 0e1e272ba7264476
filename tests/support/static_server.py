"""A web server that serves a folder with ranges, as nginx and caddy do, and fails as a test asks it to.

    with StaticServer(folder, faults={"wrong"}) as server: ... server.url

Faults: "absent" (404 for blobs and entries), "wrong" (other bytes), "short" (half of the file, as if it were all), "stall" (half of an answer,
then silence), "dies" (after so many bytes of content it accepts no connection), "no-ranges" (the whole file, whatever is asked for), "slow-start"
(half a second before each answer), "busy" (503). Only content is concerned; refs and listings come as they are.
"""

import http.server
import os
import re
import threading
import time
import urllib.parse

PIECE = 1 << 16


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server.owner
        path = os.path.realpath(server.folder + urllib.parse.unquote(urllib.parse.urlsplit(self.path).path))
        is_content = "/blobs/" in self.path or "/snapshots/" in self.path
        faults = server.faults if is_content else set()
        if server.dead or not os.path.isfile(path) or "absent" in faults:
            return self.refuse(404)
        if "busy" in faults:
            return self.refuse(503)
        if "slow-start" in faults:
            time.sleep(0.5)
        with open(path, "rb") as stream:
            data = stream.read()
        if "wrong" in faults:
            data = bytes(byte ^ 1 for byte in data)
        if "short" in faults:
            data = data[:len(data) // 2]
        first, last, status = 0, len(data) - 1, 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked and "no-ranges" not in faults:
            first, status = int(asked[1]), 206
            last = min(last, int(asked[2])) if asked[2] else last
            if first > last:
                return self.refuse(416)
        server.note(self.path, self.headers, last - first + 1 if is_content else 0)
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.send_header("ETag", f'"{len(data):x}-static"')
        self.end_headers()
        self.send_body(data[first:last + 1], faults)

    def refuse(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_body(self, data, faults):
        server = self.server.owner
        for at in range(0, len(data), PIECE):
            if "stall" in faults and at >= len(data) // 2:
                server.released.wait(60)
                return self.hang_up()
            if "dies" in faults and server.sent >= server.dies_after:
                server.die()
                return self.hang_up()
            if server.rate:
                time.sleep(PIECE / server.rate)
            self.wfile.write(data[at:at + PIECE])
            server.sent += len(data[at:at + PIECE])
        return None

    def hang_up(self):
        self.close_connection = True
        self.connection.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that hang up


class StaticServer:
    def __init__(self, folder, faults=(), rate=0, dies_after=200_000):
        self.folder, self.faults, self.rate, self.dies_after = folder, set(faults), rate, dies_after
        self.sent, self.dead, self.log, self.headers = 0, False, [], []
        self.released = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.owner = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        if not self.dead:
            self.server.shutdown()
            self.server.server_close()

    def die(self):
        """Accepts no connection any more."""
        with self.lock:
            if self.dead:
                return
            self.dead = True
        threading.Thread(target=lambda: (self.server.shutdown(), self.server.server_close()), daemon=True).start()

    def note(self, path, headers, count):
        with self.lock:
            self.log.append((path, count))
            self.headers.append(dict(headers))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def content_bytes(self):
        return sum(count for _, count in self.log)
