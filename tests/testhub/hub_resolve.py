"""The Hub's file endpoints (resolve, raw, resolve-cache) and the CDN behind its redirects.

A small file is answered by the Hub itself, by way of a relative redirect to resolve-cache. An LFS
file is a 302 to a signed URL on another host; what identifies it (X-Linked-Etag, X-Repo-Commit)
stands on the redirect only, and the CDN's own ETag is something else.
"""

import gzip
import hashlib
from urllib.parse import parse_qs, quote, unquote

from hub_access import Response, error

PREFIXES = {"datasets": "dataset", "spaces": "space", "kernels": "kernel"}
TEXT = (".json", ".md", ".txt", ".py", ".jinja", ".csv", ".gitattributes", ".yaml")


def split_file_path(url_path):
    """/datasets/org/name/resolve/main/a/b -> (type, repo id, verb, revision, path), all unquoted."""
    parts = url_path.strip("/").split("/")
    repo_type = "model"
    if parts[0] in PREFIXES:
        repo_type = PREFIXES[parts.pop(0)]
    for length in (1, 2):
        if len(parts) > length + 2 and parts[length] in ("resolve", "raw"):
            rest = parts[length + 1:]
            nested = 3 if rest[0] == "refs" and len(rest) > 3 else 1  # refs/pr/1, not encoded
            revision = "/".join(rest[:nested])
            names = ["/".join(parts[:length]), parts[length], revision, "/".join(rest[nested:])]
            return (repo_type, *(unquote(name) for name in names))
    return None


def answer(hub, request):
    """The Response to resolve, raw or resolve-cache."""
    user = hub.access.user(request)
    if isinstance(user, Response):
        return user
    cached = request.url_path.startswith("/api/resolve-cache/")
    if cached:
        repo_type, *rest = request.url_path.removeprefix("/api/resolve-cache/").split("/")
        # …/{org}/{name}/{commit}/{path}: the commit is where 40 hex digits are
        at = 1 if len(rest[1]) == 40 and all(c in "0123456789abcdef" for c in rest[1]) else 2
        path = unquote("/".join(rest[at + 1:]))
        parsed = (repo_type.removesuffix("s"), "/".join(rest[:at]), "resolve", rest[at], path)
    else:
        parsed = split_file_path(request.url_path)
    if parsed is None:
        return error(404, message="Sorry, we can't find the page you are looking for.")
    repo_type, repo_id, verb, revision, path = parsed
    request.repo_id, request.file = repo_id, path
    repo = hub.find(repo_type, repo_id)
    if denied := hub.access.deny_listing(repo, user):
        return denied
    if repo.repo_id != repo_id:
        return Response(307, {"Location": request.url_path.replace(repo_id, repo.repo_id, 1)})
    if denied := hub.access.deny_content(repo, user):
        return denied
    commit = repo.resolve(revision)
    if commit is None:
        return error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    file = commit.files.get(path)
    if file is None:
        return error(404, "EntryNotFound", "Entry not found", X_Repo_Commit=commit.oid)
    headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes"}
    if verb == "raw":  # the git blob: of an LFS file, its pointer
        return Response(200, headers | {"ETag": f'"{file.git_oid}"'},
                        file.content.pointer if file.lfs else file.content.read())
    if request.headers.get("if-none-match", "").strip('W/"') == file.etag:
        return Response(304, headers | {"ETag": f'"{file.etag}"'})
    if file.lfs:
        return _redirect_to_cdn(hub, repo, commit, path, file, headers)
    if hub.resolve_cache and not cached:
        plural = repo.repo_type + "s"
        where = f"/api/resolve-cache/{plural}/{repo_id}/{commit.oid}/{quote(path)}"
        linked = {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(file.content.size)}
        target = f"{where}?{quote(path, safe='')}=&etag=%22{file.etag}%22"
        return Response(307, headers | linked | {"Location": target})
    return small_file(hub, request, file.content, headers, file.etag, path)


def small_file(hub, request, content, headers, etag, path):
    """200 from the Hub itself, gzipped where the client takes it: then there is no length, the ETag
    is weak, and a Range is ignored."""
    kind = "text/plain; charset=utf-8" if path.endswith(TEXT) else "application/octet-stream"
    headers = headers | {"ETag": f'"{etag}"', "Content-Type": kind}
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if hub.gzip_text and takes_gzip and path.endswith(TEXT) and request.method == "GET":
        headers |= {"ETag": f'W/"{etag}"', "Content-Encoding": "gzip"}
        return Response(200, headers, gzip.compress(content.read(), mtime=0))
    return Response(200, headers, content=content)


def _redirect_to_cdn(hub, repo, commit, path, file, headers):
    name = path.split("/")[-1]
    expires, ticket = hub.tickets.issue()
    url = (
        f"{hub.cdn_url}/{repo.folder}/{file.content.sha256}"
        f"?response-content-disposition={quote(f'inline; filename={chr(34)}{name}{chr(34)};')}"
        f"&path={quote(path, safe='')}&Expires={expires}&Key-Pair-Id={ticket}"
        f"&Signature={sign(file.etag, expires, ticket)}"
    )
    headers |= {
        "Location": url,
        "X-Linked-Etag": f'"{file.etag}"',
        "X-Linked-Size": str(file.content.size),
    }
    if hub.xet:
        headers["X-Xet-Hash"] = file.content.xet_hash
        route = f"{hub.url}/api/{repo.repo_type}s/{repo.repo_id}/xet-read-token/{commit.oid}"
        headers["Link"] = f'<{route}>; rel="xet-auth"'
    # The redirect has a body of its own: its Content-Length is not the file's size.
    body = f"Found. Redirecting to {url}".encode()
    return Response(302, headers | {"Content-Type": "text/plain; charset=utf-8"}, body)


def sign(etag, expires, ticket):
    return hashlib.sha256(f"signed {etag} {expires} {ticket}".encode()).hexdigest()[:32]


def answer_cdn(hub, request):
    """The Response of the CDN: knows signatures and bytes, nothing of repos and tokens."""
    query = parse_qs(request.query)
    sha256 = request.url_path.split("/")[-1]
    request.file = query.get("path", [""])[0]
    content, request.repo_id = hub.stored(request.url_path.split("/")[1], sha256)
    if "authorization" in request.headers:  # presigned URLs refuse a second credential
        return error(400, message="InvalidArgument: Only one auth mechanism allowed")
    expires, ticket = (query.get(name, [""])[0] for name in ("Expires", "Key-Pair-Id"))
    if query.get("Signature", [""])[0] != sign(sha256, expires, ticket) or not hub.tickets.use(ticket):
        return error(403, message="AccessDenied: Request has expired")
    if content is None:
        return error(404, message="NoSuchKey")
    if content.size > hub.max_unranged and "range" not in request.headers:
        return error(400, message="file too large for one request")
    headers = {
        "ETag": '"' + hashlib.sha256(b"cdn " + sha256.encode()).hexdigest() + '"',
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
    }
    return Response(200, headers, content=content)
