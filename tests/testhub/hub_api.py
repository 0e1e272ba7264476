"""The Hub's API endpoints: repo info, tree, paths-info, refs, whoami.

Pure functions from a request to a Response; what a client reads in each is listed in the tests.
"""

import json
from urllib.parse import parse_qs, quote, unquote

from hub_access import Response, error
from hub_repos import TYPES

VERBS = ("revision", "tree", "paths-info", "refs", "xet-read-token")
PATHS_PER_REQUEST = 1000


def as_json(value, status=200, **headers):
    headers = {"Content-Type": "application/json; charset=utf-8"} | headers
    return Response(status, headers, json.dumps(value).encode())


def split_api_path(url_path):
    """/api/models/org/name/tree/main/folder -> (type, repo id, verb, [rest, unquoted])."""
    parts = url_path.removeprefix("/api/").split("/")
    repo_type = parts.pop(0).removesuffix("s")
    if repo_type not in TYPES or not parts:
        return None
    # A repo id has one part (legacy names) or two: the verb says where it ends.
    length = 1 if len(parts) == 1 or parts[1] in VERBS else 2
    repo_id = "/".join(unquote(part) for part in parts[:length])
    verb = parts[length] if len(parts) > length else None
    return repo_type, repo_id, verb, [unquote(part) for part in parts[length + 1:]]


def answer(hub, request):
    """The Response to an API request."""
    user = hub.access.user(request)
    if isinstance(user, Response):
        return user
    if request.url_path == "/api/whoami-v2":
        if user is None:
            return error(401, message="Invalid username or password.")
        return as_json({"type": "user", "name": user.name, "auth": {"accessToken": {"role": "read"}}})
    path = split_api_path(request.url_path)
    if path is None:
        return error(404, message="Sorry, we can't find the page you are looking for.")
    repo_type, repo_id, verb, rest = path
    repo = hub.find(repo_type, repo_id)
    request.repo_id = repo_id
    if denied := hub.access.deny_listing(repo, user):
        return denied
    if repo.repo_id != repo_id:  # it was renamed
        target = request.url_path.replace(repo_id, repo.repo_id, 1)
        target += "?" + request.query if request.query else ""
        return Response(307, {"Location": target})
    if verb == "refs":
        return _refs(repo)
    commit = repo.resolve(rest[0] if rest else "main")
    if commit is None:
        return error(404, "RevisionNotFound", f"Invalid rev id: {rest[0]}")
    masked = not hub.access.sees_xet(repo, user)
    if verb in (None, "revision"):
        return _info(hub, repo, commit, request)
    if verb == "tree":
        return _tree(hub, repo, commit, "/".join(rest[1:]), request, masked)
    if verb == "paths-info":
        return _paths_info(hub, repo, commit, request, masked)
    return error(404, message=f"no such endpoint: {verb}")


def _entry(hub, repo, path, file, masked):
    out = repo.entry(path, file)
    if file.lfs and hub.xet:
        out["xetHash"] = "*" * 64 if masked else file.content.xet_hash
    return out


def _info(hub, repo, commit, request):
    blobs = "blobs" in parse_qs(request.query)
    siblings = []
    for path, file in sorted(commit.files.items()):
        sibling = {"rfilename": path}
        if blobs:
            sibling |= {"size": file.content.size, "blobId": file.git_oid}
            if file.lfs:
                pointer = {"sha256": file.content.sha256, "size": file.content.size}
                sibling["lfs"] = pointer | {"pointerSize": len(file.content.pointer)}
        siblings.append(sibling)
    out = {
        "_id": commit.oid[:24], "id": repo.repo_id, "modelId": repo.repo_id, "sha": commit.oid,
        "author": repo.repo_id.split("/")[0], "private": repo.private,
        "gated": "manual" if repo.gated else False, "disabled": repo.disabled,
        "lastModified": "2026-05-13T00:44:00.000Z", "createdAt": "2026-05-13T00:00:00.000Z",
        "downloads": 1, "likes": 0, "tags": [],
    }
    if repo.repo_type != "kernel":  # a kernel's info does not list its files
        out["siblings"] = siblings
    return as_json(out)


def _tree(hub, repo, commit, folder, request, masked):
    query = parse_qs(request.query)
    recursive = query.get("recursive", ["false"])[0].lower() in ("true", "1")
    prefix = folder + "/" if folder else ""
    entries, folders = [], set()
    for path, file in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        inner = path[len(prefix):].split("/")
        for depth in range(1, len(inner) if recursive else min(len(inner), 2)):
            folders.add(prefix + "/".join(inner[:depth]))
        if recursive or len(inner) == 1:
            entries.append(_entry(hub, repo, path, file, masked))
    if folder and not entries and not folders:
        return error(404, "EntryNotFound", f"{folder} does not exist on \"{commit.oid}\"")
    entries += [{"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in folders]
    entries.sort(key=lambda entry: entry["path"])
    limit = int(query.get("limit", [hub.page_size])[0])
    start = int(query.get("cursor", ["0"])[0])
    headers = {}
    if start + limit < len(entries):
        kept = "&".join(p for p in request.query.split("&") if p and not p.startswith("cursor="))
        url = f"{hub.url}{request.url_path}?{kept}&cursor={quote(str(start + limit))}"
        headers["Link"] = f'<{url}>; rel="next"'
    return as_json(entries[start:start + limit], **headers)


def _paths_info(hub, repo, commit, request, masked):
    if request.headers.get("content-type", "").startswith("application/json"):
        paths = json.loads(request.body or b"{}").get("paths", [])
    else:
        paths = parse_qs(request.body.decode()).get("paths", [])
    if len(paths) > PATHS_PER_REQUEST:
        return error(413, message="Payload too large")
    found = [path for path in paths if path in commit.files]
    out = [_entry(hub, repo, path, commit.files[path], masked) for path in found]
    for path in paths:  # folders can be asked for as well; what is absent is left out in silence
        if any(name.startswith(path + "/") for name in commit.files):
            out.append({"type": "directory", "oid": "0" * 40, "size": 0, "path": path})
    return as_json(out)


def _refs(repo):
    def listed(space, kind):
        return [
            {"name": name.removeprefix("refs/convert/"), "ref": f"refs/{kind}/{name}", "targetCommit": oid}
            for name, oid in space.items()
        ]
    return as_json({
        "branches": listed(repo.branches, "heads"), "tags": listed(repo.tags, "tags"),
        "converts": listed(repo.converts, "convert"),
        "pullRequests": [{"name": n, "ref": n, "targetCommit": o} for n, o in repo.pulls.items()],
    })
