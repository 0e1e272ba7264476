"""The JSON report (hfaudit.report/1) as objects. Keys that are not here are in `raw`."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Union

from ._find import find_hfaudit_bin

PathLike = Union[str, "os.PathLike[str]"]
Json = Mapping[str, Any]


class HfauditError(RuntimeError):
    """No report could be made; `exit_code` says why: 2 usage, 3 not everything could be looked at, 4 refused by the Hub."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Finding:
    id: str
    severity: str  # "error", "warning", "info"
    message: str
    path: str
    repo_id: Optional[str]
    repo_type: Optional[str]
    revision: Optional[str]
    fix: Optional[str]
    run: Optional[str]  # the command that repairs it
    details: Json
    raw: Json

    @classmethod
    def _of(cls, raw: Json) -> "Finding":
        return cls(raw["id"], raw["severity"], raw["message"], raw["path"], raw["repo_id"], raw["repo_type"], raw["revision"],
                   raw["fix"], raw.get("run"), raw["details"], raw)


@dataclass(frozen=True)
class Revision:
    commit: str
    refs: "tuple[str, ...]"
    verdict: str  # "complete", "subset", "incomplete", "corrupt", "in-progress", "unknown"
    basis: str
    snapshot: Optional[str]  # the path of its folder
    raw: Json

    @classmethod
    def _of(cls, raw: Json) -> "Revision":
        return cls(raw["commit"], tuple(raw["refs"]), raw["verdict"], raw["basis"], raw.get("snapshot"), raw)


@dataclass(frozen=True)
class Repo:
    repo_id: Optional[str]
    repo_type: str
    path: str
    verdict: str
    basis: str
    revisions: "tuple[Revision, ...]"
    raw: Json

    @classmethod
    def _of(cls, raw: Json) -> "Repo":
        return cls(raw["repo_id"], raw["repo_type"], raw["path"], raw["verdict"], raw["basis"],
                   tuple(Revision._of(one) for one in raw["revisions"]), raw)


@dataclass(frozen=True)
class Report:
    verdict: str  # "clean", "damaged", "unknown"
    exit_code: int
    repos: "tuple[Repo, ...]"
    findings: "tuple[Finding, ...]"
    raw: Json

    @property
    def is_clean(self) -> bool:
        return self.exit_code == 0

    def errors(self) -> "list[Finding]":
        return [finding for finding in self.findings if finding.severity == "error"]

    @classmethod
    def from_json(cls, raw: Json) -> "Report":
        if raw.get("schema") != "hfaudit.report/1":
            raise ValueError(f"not a report of the schema hfaudit.report/1: {raw.get('schema')!r}")
        return cls(raw["verdict"], raw["exit_code"], tuple(Repo._of(one) for one in raw["repos"]),
                   tuple(Finding._of(one) for one in raw["findings"]), raw)


def run(command: str, *arguments: str, env: Optional[Mapping[str, str]] = None, timeout: Optional[float] = None) -> Report:
    """The report of `hfaudit COMMAND --format json ARGUMENTS`. HfauditError: there is none."""
    done = subprocess.run([find_hfaudit_bin(), command, "--format", "json", "--output", "-", *arguments], env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
    message = done.stderr.decode(errors="replace").strip()
    try:
        document = json.loads(done.stdout)
    except ValueError:
        raise HfauditError(message or f"hfaudit ended with {done.returncode}", done.returncode) from None
    if document.get("schema") == "hfaudit.error/1":
        raise HfauditError(document["error"], document["exit_code"])
    return Report.from_json(document)


def _options(cache_dir: Optional[PathLike], hf_home: Optional[PathLike], local_dir: Optional[PathLike], revision: Optional[str],
             include: Iterable[str], exclude: Iterable[str], online: bool) -> "list[str]":
    words: "list[str]" = []
    for name, value in (("--cache-dir", cache_dir), ("--hf-home", hf_home), ("--local-dir", local_dir), ("--revision", revision)):
        if value is not None:
            words += [f"{name}={os.fspath(value)}"]
    words += [f"--include={pattern}" for pattern in include]
    words += [f"--exclude={pattern}" for pattern in exclude]
    return [*words, "--online"] if online else words


def scan(*repos: str, cache_dir: Optional[PathLike] = None, hf_home: Optional[PathLike] = None,
         local_dir: Optional[PathLike] = None, revision: Optional[str] = None, include: Iterable[str] = (),
         exclude: Iterable[str] = (), online: bool = False, timeout: Optional[float] = None) -> Report:
    """`hfaudit scan`: what is in the cache (or only in `repos`), and what is wrong where. No content is read."""
    words = _options(cache_dir, hf_home, local_dir, revision, include, exclude, online)
    return run("scan", *words, "--", *repos, timeout=timeout)


def verify(*repos: str, cache_dir: Optional[PathLike] = None, hf_home: Optional[PathLike] = None,
           local_dir: Optional[PathLike] = None, revision: Optional[str] = None, include: Iterable[str] = (),
           exclude: Iterable[str] = (), online: bool = False, max_age: Optional[str] = None,
           timeout: Optional[float] = None) -> Report:
    """`hfaudit verify`: a scan that also hashes the content. `max_age` ("7d"): believe proofs younger than that."""
    words = _options(cache_dir, hf_home, local_dir, revision, include, exclude, online)
    words += [f"--max-age={max_age}"] if max_age is not None else []
    return run("verify", *words, "--", *repos, timeout=timeout)
