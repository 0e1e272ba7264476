"""Comments and documents stay plain technical English: three kinds of words are counted per 1,000.

A sentence with a thing of the program as its subject needs few of them. Code, tables and examples do not count. The
limits of the first two kinds are those of the house rules, that of the third keeps the present state.
"""

import collections
import os
import re
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

KINDS = {
    "what, who": "what|who|whoever|whatever|somebody|nobody",
    "look, see, tell, take, say": "look(?:s|ed|ing)?|see[sn]?|tells?|told|takes?|taken|says?|said",
    "no, not": "no|nobody|nothing|never|none|not",
}
LIMITS = {
    "comments": {"what, who": 3, "look, see, tell, take, say": 6, "no, not": 4},
    "documents": {"what, who": 3, "look, see, tell, take, say": 6, "no, not": 8},
}

COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[/!]?(?P<line>[^\n]*)|/\*(?P<block>.*?)\*/', re.DOTALL)
EXAMPLE = re.compile(r"```.*?```|`[^`]*`|^    [^\n]*$|^\|[^\n]*$|^\.[A-Z][^\n]*$", re.DOTALL | re.MULTILINE)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def comments_of(text):
    return "\n".join(match["line"] or match["block"] or "" for match in COMMENT.finditer(text))


def prose_of(text):
    return EXAMPLE.sub(" ", text)


def sources():
    for folder in ("include", "libaudit", "tools"):
        for path, _, names in os.walk(os.path.join(ROOT, folder)):
            yield from (os.path.join(path, name) for name in names if name.endswith((".hpp", ".cpp")))


def documents():
    yield from (os.path.join(ROOT, name) for name in os.listdir(ROOT) if name.endswith(".md") and name != "CHANGELOG.md")
    manual = os.path.join(ROOT, "man")
    yield from (os.path.join(manual, name) for name in os.listdir(manual) if name.endswith((".1", ".7")))


def count(kind, text):
    return len(re.findall(rf"\b(?:{KINDS[kind]})\b", text, re.IGNORECASE))


def excess(texts, limits):
    """The kinds above their limit, each as a sentence that names the files with the most of them. `texts`: by file."""
    words = sum(len(re.findall(r"[A-Za-z']+", text)) for text in texts.values())
    for kind, limit in limits.items():
        counts = collections.Counter({path: count(kind, text) for path, text in texts.items()})
        rate = 1000 * sum(counts.values()) / max(1, words)
        if rate > limit:
            most = ", ".join(f"{os.path.relpath(path, ROOT)} {number}" for path, number in counts.most_common(10))
            yield f"{kind}: {rate:.1f} in 1,000 words, the limit is {limit}; most in {most}"


class Dialect(unittest.TestCase):
    def test_comments(self):
        self.assertEqual([], list(excess({path: comments_of(read(path)) for path in sources()}, LIMITS["comments"])))

    def test_documents(self):
        self.assertEqual([], list(excess({path: prose_of(read(path)) for path in documents()}, LIMITS["documents"])))

    def test_only_comments_count(self):
        text = 'say("no // not");  // a link\n/* a\n   file */ int none;\n'
        self.assertEqual(["a", "link", "a", "file"], comments_of(text).split())

    def test_examples_do_not_count(self):
        text = "A `--no-such` option.\n\n    not here\n| no | table |\n.It never\n```\nnothing\n```\n"
        self.assertEqual(["A", "option."], prose_of(text).split())

    def test_an_excess_is_found(self):
        texts = {os.path.join(ROOT, "a.hpp"): "The file says what it is, and does not lie.", os.path.join(ROOT, "b.hpp"): "A file."}
        found = list(excess(texts, LIMITS["comments"]))
        self.assertEqual(list(KINDS), [sentence.partition(":")[0] for sentence in found])
        self.assertIn("most in a.hpp 1, b.hpp 0", found[0])


if __name__ == "__main__":
    unittest.main()
