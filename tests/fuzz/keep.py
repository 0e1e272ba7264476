#!/usr/bin/env python3
"""Keeps what a fuzzer has learned: the smallest inputs of its corpus that cover what all of them do.

    tests/fuzz/run 1000000 url && tests/fuzz/keep.py url

writes tests/fuzz/corpus/hfaudit_fuzz_url_seed_corpus.zip, as OSS-Fuzz names it; tests/fuzz/run begins with it.
"""

import os
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("HFAUDIT_FUZZ_BUILD", os.path.join(HERE, "..", "..", "build", "fuzz"))
MOST_INPUTS, LONGEST = 120, 160


def keep(name):
    with tempfile.TemporaryDirectory() as chosen:
        fuzzer = os.path.join(BUILD, "tests", "fuzz", "hfaudit_fuzz_" + name)
        subprocess.run([fuzzer, "-set_cover_merge=1", f"-max_len={LONGEST}", chosen,
                        os.path.join(BUILD, "corpus", name), os.path.join(BUILD, "seeds", name)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        inputs = sorted(os.scandir(chosen), key=lambda one: (one.stat().st_size, one.name))[:MOST_INPUTS]
        archive = os.path.join(HERE, "corpus", f"hfaudit_fuzz_{name}_seed_corpus.zip")
        os.makedirs(os.path.dirname(archive), exist_ok=True)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for one in inputs:
                with open(one.path, "rb") as content:  # without a date: the same inputs make the same file
                    file.writestr(zipfile.ZipInfo(one.name), content.read(), zipfile.ZIP_DEFLATED)
        print(f"{name}: {len(inputs)} inputs, {os.path.getsize(archive)} bytes")


for each in sys.argv[1:]:
    keep(each)
