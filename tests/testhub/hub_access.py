"""Who may see which repo, the Hub's error answers, and its rate limits."""

import itertools
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Response:
    """An answer before any fault has met it. `content` (with its range) or `body`, never both."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    content: object = None


def error(status, code=None, message=None, **headers):
    """The Hub's way to say no: X-Error-Code and X-Error-Message beside the status."""
    out = {"Content-Type": "text/plain; charset=utf-8"}
    if code:
        out["X-Error-Code"] = code
    if message:
        out["X-Error-Message"] = message
    out |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, out, (message or code or "error").encode())


INVALID = "Invalid credentials in Authorization header"


@dataclass(frozen=True)
class User:
    """A token's owner and the private or gated repos that it may enter."""

    name: str
    access: tuple = ()


class Access:
    """Tokens and repos. `tokens` maps a token to a User or to a list of repo ids."""

    def __init__(self, tokens=None):
        self.tokens = {}
        for token, user in (tokens or {}).items():
            self.tokens[token] = user if isinstance(user, User) else User("user", tuple(user))

    def user(self, request):
        """The request's User, None for nobody; a Response where its token is not valid."""
        header = request.headers.get("authorization")
        if not header:
            return None
        user = self.tokens.get(header.removeprefix("Bearer ").strip())
        return user or error(401, message=INVALID)

    def deny_listing(self, repo, user):
        """Why this user may not see that the repo exists; None where it may."""
        allowed = user is not None and repo is not None and repo.repo_id in user.access
        if repo is None or (repo.private and not allowed):
            # A stranger must not learn whether it is missing or private.
            status = 401 if user is None else 404
            return error(status, "RepoNotFound", "Repository not found")
        if repo.disabled:
            return error(403, message="Access to this resource is disabled.")
        return None

    def deny_content(self, repo, user):
        """Why this user may not read the files of a repo that it can see; None where it may."""
        if not repo.gated or (user is not None and repo.repo_id in user.access):
            return None
        message = f"Access to {repo.repo_type} {repo.repo_id} is restricted."
        return error(401 if user is None else 403, "GatedRepo", message)

    def sees_xet(self, repo, user):
        """Without access to a gated repo the listing works, with its Xet hashes masked."""
        return self.deny_content(repo, user) is None


class Tickets:
    """Which signed URLs are still good: for so many seconds, and so many uses (None: any number)."""

    def __init__(self, seconds, uses=None):
        self.seconds, self.uses = seconds, uses
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._issued = {}  # ticket -> (good until, uses so far)

    def issue(self):
        """What the URL says of its end, and its ticket."""
        with self._lock:
            ticket = f"K{next(self._numbers)}"
            self._issued[ticket] = (time.monotonic() + self.seconds, 0)
        return int(time.time() + self.seconds), ticket

    def use(self, ticket):
        """Counts a use. False where the URL is not good, or no more."""
        with self._lock:
            if ticket not in self._issued:
                return False
            until, used = self._issued[ticket]
            self._issued[ticket] = (until, used + 1)
            return time.monotonic() < until and (self.uses is None or used < self.uses)


class RateLimit:
    """Fixed windows per kind of request, reported on every response as the Hub does."""

    def __init__(self, quotas=None, window=300):
        self.quotas = {"api": 500, "resolvers": 3000, "pages": 100} | (quotas or {})
        self.enforced = set(quotas or ())
        self.window = window
        self._lock = threading.Lock()
        self._used = {}
        self._began = time.monotonic()

    def take(self, kind):
        """Counts one request. Returns the headers and whether it is over the quota."""
        with self._lock:
            now = time.monotonic()
            if now - self._began >= self.window:
                self._began, self._used = now, {}
            quota = self.quotas[kind]
            over = kind in self.enforced and self._used.get(kind, 0) >= quota
            if not over:
                self._used[kind] = self._used.get(kind, 0) + 1
            left = max(quota - self._used.get(kind, 0), 0) if kind in self.enforced else quota - 1
            reset = int(self._began + self.window - now) + 1
        headers = {
            "RateLimit": f'"{kind}";r={left};t={reset}',
            "RateLimit-Policy": f'"fixed window";"{kind}";q={quota};w={self.window}',
        }
        return headers, over
