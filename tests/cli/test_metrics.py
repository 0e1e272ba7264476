"""--metrics: a file that promtool accepts, whatever the cache holds and however the command ends."""

import os
import re
import shutil
import stat
import subprocess
import socket
import threading
import unittest
import urllib.request


from verify_case import VerifyCase, flip

PROMTOOL = shutil.which("promtool")


class MetricsCase(VerifyCase):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.scratch, "hfaudit.prom")

    def metrics(self, *args, code=0, **options):
        """name{labels} -> value, of a run; promtool has accepted the file."""
        done = self.run_hfaudit(*args, "--metrics", self.file, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        self.check(text)
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                for line in text.splitlines() if not line.startswith("#")}

    def check(self, text):
        if PROMTOOL is None:
            return
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text.encode(), capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def value(self, found, name, **labels):
        match, = [value for key, value in found.items() if re.match(rf"{name}(\{{|$)", key)
                  and all(f'{label}="{text}"' in key for label, text in labels.items())]
        return match


class Metrics(MetricsCase):
    def test_promtool_is_here(self):
        if PROMTOOL is None:
            self.skipTest("no promtool (Debian package prometheus)")

    def test_a_scan(self):
        self.add_repo()
        self.add_broken()
        found = self.metrics("scan", code=1)
        self.assertEqual(self.value(found, "hfaudit_repos", verdict="complete"), 1)
        self.assertEqual(self.value(found, "hfaudit_repos", verdict="incomplete"), 1)
        self.assertEqual(self.value(found, "hfaudit_repos", verdict="corrupt"), 0)
        self.assertEqual(self.value(found, "hfaudit_findings", severity="error"), 1)
        self.assertEqual(self.value(found, "hfaudit_findings_by_id", id="dangling-entry"), 1)
        self.assertEqual(self.value(found, "hfaudit_exit_code"), 1)
        self.assertEqual(self.value(found, "hfaudit_exit_code", command="scan", cache=os.path.join(self.home, "hub")), 1)
        self.assertFalse([key for key in found if key.startswith("hfaudit_repo_")])

    def test_what_narrows_a_run_is_in_its_labels(self):
        self.add_repo()
        found = self.metrics("scan", "--include", "*.json", "--exclude", "x*")
        self.assertEqual(self.value(found, "hfaudit_exit_code", asked="--include *.json --exclude x*"), 0)

    def test_the_file_is_readable_by_all_and_replaced_whole(self):
        self.add_repo()
        previous = os.umask(0o077)
        self.addCleanup(os.umask, previous)
        self.write(self.file, b"old")
        os.chmod(self.file, 0o600)
        before = os.stat(self.file).st_ino
        self.metrics("scan")
        status = os.stat(self.file)
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o644)
        self.assertNotEqual(status.st_ino, before)
        self.assertEqual([name for name in os.listdir(self.scratch) if "prom" in name], ["hfaudit.prom"])

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_a_repair_by_root_writes_where_only_root_may(self):
        self.add_broken()
        for folder, folders, files in os.walk(self.home):
            for name in [folder, *(os.path.join(folder, one) for one in folders + files)]:
                os.lchown(name, 54321, 54321)
        previous = os.umask(0o077)
        self.addCleanup(os.umask, previous)
        self.write(self.file, b"#" * 100_000)
        found = self.metrics("repair", "--offline", code=1)
        self.assertEqual(self.value(found, "hfaudit_exit_code", command="repair"), 1)
        status = os.stat(self.file)
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid), (0o644, 0))

    def test_series_for_each_repo_only_on_request(self):
        self.add_repo()
        self.add_broken()
        found = self.metrics("scan", "--metrics-per-repo", code=1)
        self.assertEqual(self.value(found, "hfaudit_repo_verdict", repo="acme/broken", verdict="incomplete"), 1)
        self.assertEqual(self.value(found, "hfaudit_repo_findings", repo="acme/broken", severity="error"), 1)
        self.assert_usage("scan", "--metrics-per-repo", says="it needs --metrics")

    def test_a_verify_has_the_age_of_the_oldest_proof(self):
        self.add_files({"a.bin": 5000})
        found = self.metrics("verify")
        self.assertEqual(self.value(found, "hfaudit_content_files", state="read"), 1)
        self.assertEqual(self.value(found, "hfaudit_content_bytes", state="read"), 5000)

    def test_every_command_that_reports(self):
        repo = self.add_files({"a.bin": 5000})
        report = os.path.join(self.scratch, "report.json")
        self.run_hfaudit("scan", "--format", "json", "--output", report)
        for args in (["scan"], ["verify"], ["scrub"], ["repair", "--offline"], ["watch", "acme/big", "--grace", "0s"],
                     ["preflight", "acme/big"], ["merge", report]):
            found = self.metrics(*args)
            self.assertEqual(self.value(found, "hfaudit_exit_code", command=args[0]), 0)
            self.assertEqual(self.value(found, "hfaudit_repos", verdict="complete"), 1)
            os.unlink(self.file)
        flip(self.blob(repo, "a.bin"), 3)
        found = self.metrics("verify", code=1)
        self.assertEqual(self.value(found, "hfaudit_findings_by_id", id="digest-mismatch", severity="error"), 1)

    def test_a_preflight_writes_them_before_it_starts_the_command(self):
        self.add_files({"a.bin": 5000})
        done = self.run_hfaudit("preflight", "acme/big", "--metrics", self.file, "--", "/bin/cat", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b'hfaudit_exit_code{command="preflight"', done.stdout)

    def test_a_run_that_ends_with_an_error_object(self):
        for args in (["scan"], ["verify"], ["pull", "a/b/c"], ["preflight", "acme/absent"], ["scan", "a b"],
                     ["scan", "--since", self.home], ["merge", "absent.json"], ["pull"], ["watch"]):
            shutil.rmtree(os.path.join(self.home, "hub"), ignore_errors=True)
            found = self.metrics(*args, code=2)
            self.assertEqual(self.value(found, "hfaudit_exit_code", command=args[0]), 2, args)
            os.unlink(self.file)

    def test_a_run_that_cannot_see_everything(self):
        self.add_repo()
        loop = os.path.join(self.home, "hub", "models--acme--loop")
        os.symlink(loop, loop)
        found = self.metrics("scan", code=3)
        self.assertEqual(self.value(found, "hfaudit_exit_code"), 3)
        self.assertEqual(self.value(found, "hfaudit_findings_by_id", id="unreachable-repo"), 1)

    def test_a_file_that_cannot_be_written(self):
        self.add_repo()
        done = self.run_hfaudit("scan", "--metrics", os.path.join(self.scratch, "absent", "x.prom"))
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"cannot write", done.stderr)
        self.assert_usage("scan", "--metrics", "-", says="not to standard output")

    def test_the_file_of_another_option_is_not_overwritten(self):
        self.add_repo()
        last = os.path.join(self.scratch, "last.json")
        self.run_hfaudit("scan", "--format", "json", "--output", last)
        with open(last, "rb") as file:
            report = file.read()
        os.symlink("last.json", os.path.join(self.scratch, "symlink"))
        os.link(last, os.path.join(self.scratch, "hardlink"))
        os.symlink("future.json", os.path.join(self.scratch, "dangling"))
        os.mkdir(os.path.join(self.scratch, "sub"))
        for metrics in ("last.json", "./last.json", "sub/../last.json", last, "symlink", "hardlink"):
            for args in (["scan", "--since", "last.json"], ["scan", "--output", last], ["merge", "last.json"],
                         ["scan", "--locked", last], ["scan", "a b", "--since", last]):
                with self.subTest(args=args, metrics=metrics):
                    done = self.run_hfaudit(*args, "--metrics", metrics)
                    self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
                    with open(last, "rb") as file:
                        self.assertEqual(file.read(), report)
        for metrics in ("future.json", "sub/../future.json", "dangling", os.path.join(self.scratch, "future.json")):
            self.assert_usage("scan", "--metrics", metrics, "--output", "future.json", says="--output names the same file")
            self.assertFalse(os.path.lexists(os.path.join(self.scratch, "future.json")))
        self.assert_usage("scan", "--metrics", "absent/x", "--output", "absent/y/../x", says="--output names the same file")

    def test_hostile_names(self):
        self.add_repo("models--acme--a\"b\\c")
        self.add_repo(b"models--acme--\xff\xfe\x1b".decode("utf-8", "surrogateescape"))
        self.add_repo("models--acme--new\nline")
        self.add_repo("models--acme--\u202egnp")
        self.metrics("scan", "--metrics-per-repo", "--fail-on", "never")

    def test_what_became_of_findings(self):
        self.add_broken()
        last = os.path.join(self.scratch, "last.json")
        self.run_hfaudit("scan", "--format", "json", "--output", last)
        found = self.metrics("scan", "--since", last, "--only-new")
        self.assertEqual(self.value(found, "hfaudit_since_findings", change="same", severity="error"), 1)
        self.assertEqual(self.value(found, "hfaudit_since_findings", change="new", severity="error"), 0)
        self.assertEqual(self.value(found, "hfaudit_findings", severity="error"), 1)

    def test_a_reader_never_sees_half_a_file(self):
        self.add_repo()
        self.metrics("scan")
        stop, seen = threading.Event(), []

        def read():
            while not stop.is_set():
                with open(self.file, encoding="utf-8") as file:
                    text = file.read()
                if "hfaudit_unreadable_paths{" not in text:
                    seen.append(text)

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(30):
            self.run_hfaudit("scan", "--metrics", self.file)
        stop.set()
        reader.join()
        self.assertEqual(seen, [])


@unittest.skipUnless(shutil.which("prometheus-node-exporter"), "no node exporter (Debian package prometheus-node-exporter)")
class NodeExporter(MetricsCase):
    def test_the_textfile_collector_takes_it(self):
        self.add_repo()
        self.add_broken()
        folder = os.path.join(self.scratch, "textfile")
        os.mkdir(folder)
        for name, args in (("scan", ["scan", "--metrics-per-repo"]), ("verify", ["verify"]),
                           ("scan-broken", ["scan", "acme/broken"])):
            self.run_hfaudit(*args, "--metrics", os.path.join(folder, name + ".prom"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        exporter = subprocess.Popen(
            ["prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
             f"--collector.textfile.directory={folder}", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(exporter.wait)
        self.addCleanup(exporter.kill)

        def scraped():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    return answer.read().decode()
            except OSError:
                return ""

        self.wait_until(scraped, exporter)
        text = scraped()
        self.assertIn("node_textfile_scrape_error 0", text)
        hub = os.path.join(self.home, "hub")
        # the exporter sorts labels
        self.assertIn(f'hfaudit_exit_code{{asked="acme/broken",cache="{hub}",command="scan"}} 1', text)
        self.assertIn(f'hfaudit_exit_code{{cache="{hub}",command="verify"}} 1', text)
        self.assertIn(f'hfaudit_repo_verdict{{cache="{hub}",command="scan",repo="acme/broken"', text)


if __name__ == "__main__":
    unittest.main()
