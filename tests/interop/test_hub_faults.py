"""Every fault of the test Hub does what it says, and nothing where it should not."""

import http.client
import os
import socket
import sys
import threading
import time
import unittest
import urllib.parse

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from hub import (  # noqa: E402
    Hub, barrier, close, content_range, corrupt, etag_change, gzip, html, ignore_range, make_model,
    oversend, redirect, reset, short, silent, slow, stall, status, throttle,
)

SIZE = 256 << 10
WEIGHTS = "model.safetensors"
REPO = make_model("acme/one", shards=1, shard_size=SIZE)
BYTES = REPO.head.files[WEIGHTS].content.read()


def fetch(url, timeout=10, **headers):
    """Status, headers, and whatever of the body arrived before the end or an error."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        body = b""
        try:
            while piece := answer.read1(1 << 16):
                body += piece
        except (http.client.HTTPException, OSError) as error:
            return answer.status, answer.headers, body + getattr(error, "partial", b"")
        return answer.status, answer.headers, body
    finally:
        connection.close()


class Faults(unittest.TestCase):
    def hub(self, *faults, **options):
        hub = Hub(REPO, faults=faults, **options).__enter__()
        self.addCleanup(hub.__exit__)
        self.addCleanup(lambda: self.assertEqual(hub.errors, []))
        return hub

    def location(self, hub, file=WEIGHTS):
        return fetch(f"{hub.url}/acme/one/resolve/main/{file}")[1]["Location"]

    def get(self, *faults, timeout=10, **headers):
        hub = self.hub(*faults)
        return fetch(self.location(hub), timeout, **headers)

    def test_without_any(self):
        self.assertEqual(self.get()[2], BYTES)

    def test_throttle(self):
        began = time.monotonic()
        self.assertEqual(self.get(throttle(SIZE * 2))[2], BYTES)
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_stall_goes_on_afterwards(self):
        began = time.monotonic()
        self.assertEqual(self.get(stall(1000, 0.5))[2], BYTES)
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_close_in_the_middle(self):
        code, headers, body = self.get(close(1000))
        self.assertEqual((code, headers["Content-Length"]), (200, str(SIZE)))
        self.assertEqual(body, BYTES[:1000])

    def test_reset_in_the_middle(self):
        parts = urllib.parse.urlsplit(self.location(self.hub(reset(1000))))
        with socket.create_connection((parts.hostname, parts.port), 10) as connection:
            connection.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\n\r\n".encode())
            with self.assertRaises(ConnectionResetError):
                time.sleep(0.3)
                while connection.recv(1 << 16):
                    pass

    def test_another_range_than_asked_for(self):
        code, headers, body = self.get(content_range(shift=7), Range="bytes=10-20")
        self.assertEqual((code, body), (206, BYTES[17:28]))
        self.assertEqual(headers["Content-Range"], f"bytes 17-27/{SIZE}")
        code, headers, body = self.get(content_range(total=5), Range="bytes=10-20")
        self.assertEqual((code, body), (206, BYTES[10:21]))
        self.assertEqual(headers["Content-Range"], f"bytes 10-20/{SIZE + 5}")

    def test_redirect_in_a_circle_and_elsewhere(self):
        code, headers, _ = self.get(redirect(on="cdn"))
        self.assertEqual(code, 302)
        self.assertIn("Signature=", headers["Location"])
        self.assertEqual(self.get(redirect("http://127.0.0.3:9/x"))[1]["Location"], "http://127.0.0.3:9/x")

    def test_ignore_range(self):
        code, _, body = self.get(ignore_range(), Range="bytes=10-20")
        self.assertEqual((code, body), (200, BYTES))

    def test_gzip(self):
        _, headers, body = self.get(gzip())
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertNotEqual(body[:8], BYTES[:8])

    def test_etag_change(self):
        hub = self.hub(etag_change(skip=1))
        first, second = (fetch(self.location(hub)) for _ in range(2))
        self.assertEqual(first[2], BYTES)
        self.assertEqual(len(second[2]), SIZE)
        self.assertNotEqual(second[2], BYTES)
        self.assertNotEqual(first[1]["ETag"], second[1]["ETag"])

    def test_more_than_promised(self):
        _, headers, body = self.get(oversend(50))
        self.assertEqual((headers["Content-Length"], len(body)), (str(SIZE + 50), SIZE + 50))
        _, headers, body = self.get(oversend(50, declared=False))
        self.assertEqual((headers["Content-Length"], body), (str(SIZE), BYTES))

    def test_short(self):
        _, headers, body = self.get(short(100))
        self.assertEqual((headers["Content-Length"], body), (str(SIZE - 100), BYTES[:-100]))

    def test_corrupt_hits_the_same_byte_in_any_range(self):
        hub = self.hub(corrupt(at=1000))
        whole = fetch(self.location(hub))[2]
        part = fetch(self.location(hub), Range="bytes=990-1010")[2]
        self.assertEqual([i for i in range(SIZE) if whole[i] != BYTES[i]], [1000])
        self.assertEqual(part, whole[990:1011])

    def test_html_page(self):
        code, headers, body = self.get(html())
        self.assertEqual(code, 200)
        self.assertIn("text/html", headers["Content-Type"])
        self.assertIn(b"<!DOCTYPE html>", body)

    def test_status_with_headers_a_number_of_times(self):
        hub = self.hub(status(429, headers={"Retry-After": "7"}, times=2, skip=1, on="api"))
        seen = [fetch(f"{hub.url}/api/models/acme/one") for _ in range(5)]
        self.assertEqual([answer[0] for answer in seen], [200, 429, 429, 200, 200])
        self.assertEqual(seen[1][1]["Retry-After"], "7")

    def test_every_third(self):
        hub = self.hub(status(500, every=3, on="api"))
        codes = [fetch(f"{hub.url}/api/models/acme/one")[0] for _ in range(7)]
        self.assertEqual(codes, [500, 200, 200, 500, 200, 200, 500])

    def test_path_selects(self):
        hub = self.hub(status(500, path="config.json", on="resolve"))
        url = f"{hub.url}/acme/one/resolve/main/"
        self.assertEqual(fetch(url + "config.json")[0], 500)
        self.assertEqual(fetch(url + WEIGHTS)[0], 302)

    def test_slow(self):
        began = time.monotonic()
        self.assertEqual(self.get(slow(0.4))[0], 200)
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_silent(self):
        with self.assertRaises(TimeoutError):
            self.get(silent(), timeout=0.5)

    def test_barrier_holds_until_released(self):
        hub = self.hub(barrier("half", SIZE // 2))
        out = []
        thread = threading.Thread(target=lambda: out.append(fetch(self.location(hub))))
        thread.start()
        hub.wait_held("half")
        self.assertEqual(hub.bytes_sent(host="cdn"), SIZE // 2)
        hub.release("half")
        thread.join(10)
        self.assertEqual(out[0][2], BYTES)

    def test_barrier_lets_go_of_a_client_that_left(self):
        hub = self.hub(barrier("half", 10))
        with self.assertRaises(AssertionError):
            # http.client raises nothing here: the body just ends when we give up
            code, _, body = fetch(self.location(hub), timeout=0.5)
            self.assertEqual(len(body), SIZE)
        deadline = time.monotonic() + 5
        while hub.barriers.held().get("half") and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(hub.barriers.held()["half"], 0)

    def test_rate_limit(self):
        hub = self.hub(rate_limit={"api": 2})
        codes = [fetch(f"{hub.url}/api/models/acme/one")[0] for _ in range(3)]
        self.assertEqual(codes, [200, 200, 429])

    def test_signed_url_expires(self):
        hub = self.hub(signed_url_seconds=-1)
        self.assertEqual(fetch(self.location(hub))[0], 403)

    def test_signed_url_is_good_for_so_many_uses(self):
        hub = self.hub(signed_url_uses=2)
        location = self.location(hub)
        self.assertEqual([fetch(location)[0] for _ in range(3)], [200, 200, 403])
        self.assertEqual(fetch(self.location(hub))[0], 200)

    def test_signed_url_is_good_for_so_many_seconds(self):
        hub = self.hub(signed_url_seconds=0.3)
        location = self.location(hub)
        self.assertEqual(fetch(location)[0], 200)
        time.sleep(0.35)
        self.assertEqual(fetch(location)[0], 403)

    def test_ipv6_address_that_says_nothing(self):
        hub = self.hub(blackhole_ipv6=True)
        port = urllib.parse.urlsplit(hub.url).port
        self.assertEqual(fetch(f"{hub.url.replace('localhost', '127.0.0.1')}/api/models/acme/one")[0], 200)
        with self.assertRaises(TimeoutError):
            socket.create_connection(("::1", port), 0.5)

    def test_large_file_wants_ranges(self):
        hub = self.hub(max_unranged=SIZE - 1)
        self.assertEqual(fetch(self.location(hub))[0], 400)
        self.assertEqual(fetch(self.location(hub), Range="bytes=0-9")[2], BYTES[:10])


if __name__ == "__main__":
    unittest.main()
