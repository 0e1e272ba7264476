"""Reads what stands in examples/ and packaging/kubernetes/, so that the tests run those very commands."""

import json
import os
import re

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EXAMPLES = os.path.join(ROOT, "examples")
BASE = os.path.join(ROOT, "packaging", "kubernetes", "base")
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


def manifest(name):
    with open(os.path.join(BASE, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def pod():
    return manifest("server.yaml")["spec"]["template"]["spec"]


def environment(container):
    """Without what comes from a secret, which need not be there."""
    literals = [one for config in manifest("kustomization.yaml")["configMapGenerator"] for one in config["literals"]]
    found = dict(one.split("=", 1) for one in literals) if "envFrom" in container else {}
    return {**found, **{one["name"]: one["value"] for one in container["env"] if "value" in one}}
