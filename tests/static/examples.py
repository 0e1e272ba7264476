"""Reads what stands in examples/, so that the tests run those very commands."""

import json
import os
import re

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EXAMPLES = os.path.join(ROOT, "examples")
SOURCE = "/src/hfaudit"  # where the Containerfile has this tree


def text(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
        return file.read()


def stages():
    """The Containerfile: a stage's name -> its instructions, as (word, rest); what precedes them all is ""."""
    found, name = {"": []}, ""
    for line in re.sub(r"\\\n", " ", text("Containerfile")).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, rest = line.split(None, 1)
        if word == "FROM":
            name = rest.split(" AS ")[1]
            found[name] = []
        found[name].append((word, rest))
    return found


def instruction(stage, word):
    """The arguments of the only such instruction: a list of words, or the text of one that is none."""
    rest, = [rest for name, rest in stages()[stage] if name == word]
    return json.loads(rest) if rest.startswith("[") else rest


def pod():
    return yaml.safe_load(text("kubernetes.yaml"))["spec"]["template"]["spec"]


def environment(container):
    return {one["name"]: one["value"] for one in container["env"]}
