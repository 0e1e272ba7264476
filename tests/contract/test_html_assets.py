"""The HTML report's policy names its style and its script by their hashes: they have to be those of the texts."""

import base64
import hashlib
import os
import re
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class HtmlAssets(unittest.TestCase):
    def test_hashes_are_those_of_the_texts(self):
        with open(os.path.join(ROOT, "libaudit/report/html/page_assets.hpp"), encoding="utf-8") as file:
            source = file.read()
        for name, mark in (("style", "css"), ("script", "js")):
            text = re.search(rf'R"{mark}\((.*?)\){mark}"', source, re.DOTALL).group(1)
            told = re.search(rf'page_{name}_hash =\s*"([^"]*)"', source).group(1)
            self.assertEqual(told, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
                             f"of page_{name}: set it to the second one")

    def test_nothing_is_fetched(self):
        folder = os.path.join(ROOT, "libaudit/report/html")
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            for word in ("http:", "https:", "@import", "src=", "innerHTML", "style=\\\""):
                self.assertNotIn(word, text, name)


if __name__ == "__main__":
    unittest.main()
