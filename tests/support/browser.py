"""A headless Chromium, driven by chromedriver's WebDriver protocol: no package of Python is needed for it."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


def is_here():
    return CHROMIUM is not None and DRIVER is not None


class Browser:
    """`with Browser(folder) as browser:`; its profile lies in the folder."""

    def __init__(self, folder, dark=False, width=1280, height=900):
        self.folder, self.dark, self.size = folder, dark, (width, height)

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {"HOME": self.folder, "PATH": "/usr/bin:/bin", "TMPDIR": self.folder, "LC_ALL": "C.UTF-8"}
        self.driver = subprocess.Popen([DRIVER, f"--port={self.port}"], env=environment, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
                 f"--window-size={self.size[0]},{self.size[1]}"]
        options = {"binary": CHROMIUM, "args": flags}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        try:
            self.session = self.wait_for_session({"capabilities": {"alwaysMatch": wanted}})
        except Exception:
            self.stop()
            raise
        if self.dark:
            features = [{"name": "prefers-color-scheme", "value": "dark"}]
            self.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "", None)
        except OSError:
            pass
        self.stop()

    def stop(self):
        self.driver.terminate()
        self.driver.wait()

    def wait_for_session(self, body, seconds=60):
        until = time.monotonic() + seconds
        while True:
            try:
                return self.request("POST", "/session", body)["sessionId"]
            except urllib.error.HTTPError:
                raise
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def request(self, method, path, body):
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"},
                                       method=method)
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return json.load(answer)["value"]

    def call(self, method, path, body):
        return self.request(method, f"/session/{self.session}{path}", body)

    def open(self, path):
        self.call("POST", "/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def requested(self):
        """The URLs that the page asked for, itself included."""
        messages = [json.loads(one["message"])["message"] for one in self.log("performance")]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path, height=None):
        if height:
            self.call("POST", "/window/rect", {"width": self.size[0], "height": height})
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot", None)))
