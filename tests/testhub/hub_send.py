"""Puts a Response on the wire, with whatever faults have met it."""

import gzip
import hashlib
import select
import socket
import struct
import time

from hub_access import Response, error
from hub_content import Content

STEP = 64 << 10  # bytes between two looks at the clock, the barriers and the client
FILE_STEP = 4 << 20  # the same where the kernel copies from a spool file

PAGE = b"<!DOCTYPE html>\n<html><head><title>502</title></head><body>Bad gateway</body></html>\n"


def gone(connection):
    """Whether the client has closed its end (it sends nothing while it waits for an answer)."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def replace(response, request, faults):
    """What the faults that change the answer as a whole make of it."""
    for fault in faults:
        given = fault.with_
        if fault.kind == "status":
            response = error(given["code"], given.get("error_code"), given.get("message"))
            response.headers |= given.get("headers", {})
            if given.get("body"):
                response.body = given["body"].encode()
        elif fault.kind == "redirect":
            again = f"{request.url_path}?{request.query}" if request.query else request.url_path
            response = Response(302, {"Location": given["to"] or again}, b"Found.")
        elif fault.kind == "html":
            response = Response(200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)
        elif fault.kind == "etag_change":
            _become_another(response)
        elif fault.kind == "ignore_range":
            request.headers.pop("range", None)
            response.headers.pop("Accept-Ranges", None)
        elif fault.kind == "gzip" and response.content is not None:
            etag = "W/" + response.headers.get("ETag", '""')
            headers = response.headers | {"ETag": etag, "Content-Encoding": "gzip"}
            body = gzip.compress(response.content.read(), 1, mtime=0)
            response = Response(response.status, headers, body)
    return response


def _become_another(response):
    """Another file of the same size under the same path, as after a push."""
    for name in ("ETag", "X-Linked-Etag"):
        if name in response.headers:
            old = response.headers[name].strip('"')
            new = hashlib.sha256(b"changed " + old.encode()).hexdigest()[:len(old)]
            response.headers[name] = f'"{new}"'
    if response.content is not None:
        size = response.content.size
        response.content = Content.generate(f"changed {response.content.sha256}", size)


def slice_of(header, size):
    """A Range header as (start, end); None where it is absent or more than one range; False where it
    lies outside."""
    if not header or not header.startswith("bytes=") or "," in header:
        return None
    first, _, last = header[6:].partition("-")
    if not first:
        return (max(size - int(last), 0), size) if int(last) else False
    start, end = int(first), int(last) + 1 if last else size
    return (start, min(end, size)) if start < size and start < end else False


class Sender:
    """One response on one connection."""

    def __init__(self, hub, handler, request, entry, faults):
        self.hub, self.handler, self.request, self.entry = hub, handler, request, entry
        self.connection = handler.connection
        self.cut = False  # the body ends here, in the middle
        self.faults = faults

    def _of(self, kind):
        return [fault.with_ for fault in self.faults if fault.kind == kind]

    def _wait(self, seconds):
        """Sleeps, unless the Hub closes or the client leaves."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._left():
                return
            self.hub.closing.wait(min(left, 0.1))

    def _left(self):
        return self.hub.closing.is_set() or gone(self.connection)

    def send(self, response):
        for given in self._of("slow"):
            self._wait(given["seconds"])
        if self._of("silent"):
            self._wait(3600)
            self.handler.close_connection = True
            return
        response = replace(response, self.request, self.faults)
        content = response.content or Content(response.body)
        start, end, status, headers = 0, content.size, response.status, dict(response.headers)
        if response.content is not None and status == 200:
            wanted = slice_of(self.request.headers.get("range"), content.size)
            if wanted is False:
                content, end, status = Content(b""), 0, 416
                headers["Content-Range"] = f"bytes */{response.content.size}"
            elif wanted:
                start, end = self._shifted(wanted, content.size)
                status, total = 206, content.size + sum(given["total"] for given in self._of("content_range"))
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
        extra = sum(given["extra"] for given in self._of("oversend"))
        declared = sum(g["extra"] for g in self._of("oversend") if g["declared"])
        missing = sum(given["missing"] for given in self._of("short"))
        end = max(end - missing, start)
        chunked = "Content-Encoding" in headers and self.request.method != "HEAD"
        self.entry.status = status
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name, value)
        if chunked:
            self.handler.send_header("Transfer-Encoding", "chunked")
        elif status not in (204, 304):
            self.handler.send_header("Content-Length", str(end - start + declared))
        if extra > declared:
            self.handler.close_connection = True
        self.handler.end_headers()
        if self.request.method == "HEAD" or status in (204, 304):
            return
        self._body(content, start, end, chunked)
        if extra and not self.cut:
            self._write(b"\xee" * extra, chunked)
        if chunked and not self.cut:
            self.handler.wfile.write(b"0\r\n\r\n")

    def _shifted(self, wanted, size):
        """The range that was asked for, or the one beside it that is sent in its place."""
        shift = sum(given["shift"] for given in self._of("content_range"))
        start, end = (min(max(offset + shift, 0), size) for offset in wanted)
        return (start, end) if start < end else wanted

    def _body(self, content, start, end, chunked):
        """Sends [start, end), stopping at the offsets where a fault wants to act."""
        stops = self._stops()
        rates = [given["bytes_per_second"] for given in self._of("throttle")]
        rate = min(rates) if rates else None
        flips = [given["at"] for given in self._of("corrupt")]
        whole_file = content.path and not (flips or chunked)
        step = FILE_STEP if whole_file else STEP
        if rate:
            step = max(1, min(step, rate // 20))  # fine enough that a slow stream looks steady
        began, sent, size = time.monotonic(), 0, end - start
        file = open(content.path, "rb") if whole_file else None
        try:
            while True:
                while stops and stops[0][0] <= sent:
                    _, kind, given = stops.pop(0)
                    if not self._act(kind, given):
                        return
                if sent >= size:
                    return
                upto = min(size, sent + step, stops[0][0] if stops else size)
                if file:
                    self.connection.sendfile(file, start + sent, upto - sent)
                    self.entry.sent += upto - sent
                else:
                    data = content.read(start + sent, start + upto)
                    self._write(_flip(data, start + sent, flips), chunked)
                sent = upto
                if rate:
                    self._wait(began + sent / rate - time.monotonic())
                if self.hub.closing.is_set():
                    self._cut()
                    return
        finally:
            if file:
                file.close()

    def _stops(self):
        acting = [fault for fault in self.faults if fault.kind in ("stall", "close", "reset", "barrier")]
        return [(f.with_["after"], f.kind, f.with_) for f in sorted(acting, key=_after)]

    def _act(self, kind, given):
        """Does what stands at an offset; False where the response ends there."""
        if kind == "stall":
            self._wait(given["seconds"])
        elif kind == "barrier":
            self.hub.barriers.hold(given["name"], self._left)
        elif kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if kind in ("close", "reset") or self._left():
            self._cut()
            return False
        return True

    def _cut(self):
        self.cut = self.handler.close_connection = True

    def _write(self, data, chunked):
        if chunked:
            self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if data else b"")
        else:
            self.handler.wfile.write(data)
        self.entry.sent += len(data)


def _after(fault):
    return fault.with_["after"]


def _flip(data, offset, flips):
    hit = [at - offset for at in flips if offset <= at < offset + len(data)]
    if not hit:
        return data
    data = bytearray(data)
    for at in hit:
        data[at] ^= 1
    return bytes(data)
