"""--format html: one page, well-formed, that shows hostile names as text, and needs nothing but itself."""

import html.parser
import json
import os
import unittest

from test_merge import MergeCase
from verify_case import VerifyCase, flip

import browser  # tests/support

AXE = os.environ.get("HFAUDIT_AXE", "")  # the path of axe.min.js, of the npm package axe-core
VOID = {"meta", "br", "input"}
FORBIDDEN = {"iframe", "object", "embed", "img", "link", "form", "base", "a", "video", "audio", "foreignobject", "use", "image"}
HOSTILE = ["</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a'b\"c&amp;<!--", "\u202egnp.exe",
           "new\nline\x1b[31m", b"\xff\xfe".decode("utf-8", "surrogateescape"), "javascript:alert(1)", "]]>", "<style>"]


class Page(html.parser.HTMLParser):
    """Fails on what is not closed as it was opened; keeps the elements, attributes and texts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts, self.wrong, self.ids = [], [], [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if len(attrs) != len(dict(attrs)):
            self.wrong.append(f"an attribute twice: {tag} {attrs}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


class HtmlCase(VerifyCase):
    def page(self, *args, code=0, **options):
        """The page that a command prints; it holds all that is true of every page."""
        done = self.run_hfaudit(*args, "--format", "html", **options)
        self.assertEqual((done.returncode, done.stderr), (code, b""), done.stdout[:2000])
        return self.checked(done.stdout)

    def checked(self, content):
        text = content.decode("utf-8")  # strictly
        self.assertTrue(text.startswith("<!DOCTYPE html>\n<html lang=\"en\">"))
        page = Page(text)
        page.text = text
        self.assertEqual(page.wrong, [])
        self.assertEqual(len(page.ids), len(set(page.ids)), page.ids)
        self.assertEqual(len(page.of("script")), 1)
        self.assertEqual(len(page.of("style")), 1)
        self.assertEqual(len(page.of("h1")), 1)
        self.assertEqual(FORBIDDEN & {tag for tag, _ in page.elements}, set())
        for tag, attributes in page.elements:
            for name, value in attributes.items():
                self.assertFalse(name.startswith("on") or name in ("style", "src", "href", "srcset"), (tag, name, value))
        self.assertTrue(all("scope" in attributes for attributes in page.of("th")))
        policy, = [one["content"] for one in page.of("meta") if one.get("http-equiv") == "Content-Security-Policy"]
        self.assertTrue(policy.startswith("default-src 'none'; "))
        self.assertNotIn("unsafe", policy)
        for character in "\u202e\x1b\x00\ufffd":
            self.assertNotIn(character, text)
        return page

    def add_hostile(self):
        for at, name in enumerate(HOSTILE):
            folder = "models--acme--" + name.replace("/", "_") + str(at)
            self.add_broken(folder, name.replace("/", "_"))
        self.add_repo()


class Html(HtmlCase):
    def test_a_damaged_cache(self):
        self.add_repo()
        self.add_broken()
        page = self.page("scan", code=1)
        told = "".join(page.texts)
        self.assertLess(told.index("damaged"), told.index("acme/broken"))
        self.assertIn("hfaudit repair", told)
        self.assertIn("dangling-entry", told)
        self.assertEqual(len(page.of("svg")) > 0, True)

    def test_hostile_names_are_text(self):
        self.add_hostile()
        page = self.page("scan", code=1)
        told = "".join(page.texts)
        self.assertIn("</script><script>alert(1)<_script>".replace("</script>", "<_script>"), told)
        self.assertIn("\\xff\\xfe", told)

    def test_every_command_that_reports(self):
        repo = self.add_files({"a.bin": 5000, "b.bin": 300})
        report = os.path.join(self.scratch, "report.json")
        self.run_hfaudit("scan", "--format", "json", "--output", report)
        for args in (["scan"], ["verify"], ["scrub"], ["repair", "--offline"], ["watch", "acme/big", "--grace", "0s"],
                     ["preflight", "acme/big"], ["merge", report], ["scan", "--since", report]):
            self.assertIn("clean", "".join(self.page(*args).texts))
        flip(self.blob(repo, "a.bin"), 3)
        self.page("verify", code=1)
        self.page("repair", "--verify", "--offline", "--dry-run", code=1)

    def test_a_file_and_the_text_beside_it(self):
        self.add_repo()
        path = os.path.join(self.scratch, "report.html")
        done = self.run_hfaudit("scan", "--format", "html", "--output", path)
        self.assertIn(b"clean", done.stdout)
        self.assertNotIn(b"<", done.stdout)
        with open(path, "rb") as file:
            self.checked(file.read())

    def test_no_page_where_there_is_no_report(self):
        done = self.run_hfaudit("scan", "acme/absent", "--format", "html", env={"HF_HOME": os.path.join(self.scratch, "no")})
        self.assertEqual((done.returncode, done.stdout), (2, b""))

    def test_what_could_not_be_read_is_never_clean(self):
        self.add_repo()
        loop = os.path.join(self.home, "hub", "models--acme--loop")
        os.symlink(loop, loop)
        told = "".join(self.page("scan", code=3).texts)
        self.assertIn("Not everything could be checked", told)
        self.assertNotIn("that were checked are complete", told)

    def test_two_thousand_repos_stay_below_a_megabyte(self):
        for number in range(2000):
            folder = f"models--some-organisation--a-model-{number}"
            (self.add_broken if number % 10 == 0 else self.add_repo)(folder)
        page = self.page("scan", code=1)
        self.assertLess(len(page.text.encode()), 1_000_000)
        self.assertGreater(page.text.count("some-organisation/a-model-"), 2000)


class Merged(MergeCase):
    checked = HtmlCase.checked

    def test_the_grid_names_the_node_that_differs(self):
        other = self.scan_of("node3")
        other["repos"][0]["revisions"][0]["commit"] = "f" * 40
        text = self.run_merge(self.scan_of("node1"), self.scan_of("node2"), other, code=0, options=["--format", "html"])
        page = self.checked(text.encode())
        self.assertEqual(page.text.count("≠ <code>fffffff</code>"), 1)
        self.assertIn("node3", "".join(page.texts))


@unittest.skipUnless(browser.is_here(), "no chromium and chromedriver (Debian packages chromium, chromium-driver)")
class InChromium(HtmlCase):
    def saved(self, *args, code=1):
        path = os.path.join(self.scratch, "page.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.page(*args, code=code).text)
        return path

    def test_nothing_is_fetched_and_nothing_hostile_runs(self):
        self.add_hostile()
        path = self.saved("scan")
        with browser.Browser(self.scratch) as chromium:
            chromium.open(path)
            self.assertEqual(chromium.requested(), ["file://" + path])
            self.assertEqual([one for one in chromium.log("browser") if one["level"] == "SEVERE"], [])
            self.assertEqual(chromium.run("return document.querySelectorAll('script, img').length"), 1)
            # the policy is in force: what is not of the page does not run
            self.assertIsNone(chromium.run("const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
                                           "document.body.append(s); return window.ran === undefined ? null : 1"))

    def test_a_click_sorts_and_the_filter_hides(self):
        for number in range(12):
            self.add_repo(f"models--acme--m{number}", {"x.dat": b"x" * (10 + number)})
        self.add_broken()
        path = self.saved("scan")
        repos = "[...document.querySelectorAll('table.filter tbody tr')]"
        with browser.Browser(self.scratch) as chromium:
            chromium.open(path)
            names = f"return {repos}.filter(r => !r.hidden).map(r => r.cells[1].textContent)"
            self.assertEqual(chromium.run(names)[0], "acme/broken")
            click = "document.querySelectorAll('table.filter thead button')[3].click();"
            self.assertEqual(chromium.run(click + names)[1], "acme/m0")
            self.assertEqual(chromium.run(click + names)[0], "acme/m11")
            head = "return document.querySelectorAll('table.filter thead th')[3].getAttribute('aria-sort')"
            self.assertEqual(chromium.run(head), "descending")
            typed = ("const i = document.querySelector('input'); i.value = 'm1'; i.dispatchEvent(new Event('input'));")
            self.assertEqual(sorted(chromium.run(typed + names)), ["acme/m1", "acme/m10", "acme/m11"])

    @unittest.skipUnless(AXE, "HFAUDIT_AXE names no axe.min.js (npm package axe-core)")
    def test_axe_finds_nothing(self):
        self.add_hostile()
        path = self.saved("scan")
        with open(AXE, encoding="utf-8") as file:
            axe = file.read()
        for dark in (False, True):
            with browser.Browser(self.scratch, dark=dark) as chromium:
                chromium.open(path)
                chromium.run(axe)
                found = chromium.run_async("axe.run().then(arguments[0], e => arguments[0]({violations: [String(e)]}))")
                self.assertEqual([json.dumps(one)[:600] for one in found["violations"]], [])


if __name__ == "__main__":
    unittest.main()
