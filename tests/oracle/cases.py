"""A case: one repo of one kind, laid out by one client, with one damage or none. Its seed decides everything but the time."""

import os
import shutil

import answers
import damage
import healthy
import local
from layout import CLIENTS, Layout, Placed
from repo import rng_of

EXTRAS = ("older revision", "tag", "cache tag", "files of the system", "AppleDouble", "orphan blob", "umask probe", "link probe",
          "old temporary file", "empty ref folders", "empty lock folder", "probe ref", "temporary ref", "temporary tree", "locks of a removed repo", "odd etags")
FORMATS = ("both formats", "both formats sharded", "original checkpoint beside", "sentence-transformers")
ALONE_SHARE, LOCAL_SHARE, HEALTHY_SHARE = 0.08, 0.08, 0.2


class Case:
    def __init__(self, seed, only_damage=None, only_kind=None):
        self.seed = seed
        r = rng_of("case", seed)
        kinds = [only_kind] if only_kind else list(healthy.KINDS)
        self.kind = r.choice(kinds)
        self.client = r.choice(list(CLIENTS.values()))
        self.alone = only_damage in damage.ALONE if only_damage is not None else r.random() < ALONE_SHARE
        self.local = only_damage in damage.LOCAL_ONLY or not self.alone and r.random() < LOCAL_SHARE
        if self.local:
            self.client, self.alone = r.choice(list(local.CLIENTS.values())), True
        names = [name for name in damage.KINDS if (name in damage.LOCAL if self.local else
                                                   name not in damage.LOCAL_ONLY and (name in damage.ALONE) == self.alone)]
        r.shuffle(names)
        self.wishes = names if only_damage is None else [only_damage] if only_damage else []
        if (self.local or not self.alone) and only_damage is None and r.random() < HEALTHY_SHARE:
            self.wishes = []
        self.damage = ""
        self.expect = self.before = None
        self.placed = None

    def layout(self, r, repo):
        client = self.client
        links = not (client.name.startswith("hfh") and r.random() < 0.15)
        tree = client.tree and r.random() < 0.9
        layout = Layout(client, links, tree, client.shared and links and tree and r.random() < 0.8, hours=r.uniform(1, 400))
        if client.locks != "none":
            layout.locks = r.choice(("all", "all", "none", "after rm", "deleted revision")) if client.lock_stays else "none"
            if layout.locks == "after rm" and client.locks == "blobs":  # they went with the repo
                layout.locks = "none"
        layout.ref = r.choices(("main", "refs/pr/1", "v2-branch", ""), (85, 5, 5, 5))[0]
        if r.random() < 0.2 and client.name != "hf-hub 0.3":
            choices = ["docs"] + ["weights"] * (repo.repo_type != "space")
            choices += ["other formats"] * 3 if repo.kind in FORMATS else ["all but one"] * 3 if repo.kind == "gguf quantizations" else []
            layout.filter = r.choice(choices)
        layout.extras = [name for name in EXTRAS if r.random() < 0.12]
        if layout.shared and "AppleDouble" in layout.extras:
            layout.extras.remove("AppleDouble")
        if layout.filter or not layout.ref or layout.shared or not links:
            layout.extras = [name for name in layout.extras if name != "older revision"]
        if not links or tree or layout.locks == "deleted revision" or "older revision" in layout.extras:
            layout.extras = [name for name in layout.extras if name != "odd etags"]
        if not layout.ref:
            layout.extras = [name for name in layout.extras if name not in ("tag", "probe ref")]
        return layout

    def build(self, home, now):
        """The healthy repo."""
        r = rng_of("build", self.seed)
        repo = healthy.KINDS[self.kind](r)
        layout = self.layout(r, repo)
        style = r.choice(("acme/{}", "acme/{}", "Acme-Labs.v2/{}", "{}"))
        name = style.format(r.choice(("m-{}", "Model_{}.x", "m{}-1.5B")).format(f"{self.seed:x}"))
        older = healthy.KINDS[self.kind](rng_of("older", self.seed))
        make = local.LocalPlaced if self.local else Placed
        if self.local:
            layout.links, layout.ref, layout.tree = False, "main", False
            if self.client.name == "git clone":
                layout.filter = ""
            layout.extras = [name for name in layout.extras if name in ("files of the system", "AppleDouble") and "names" not in repo.kind]
        self.placed = make(home, repo, layout, name, r, now, older).make()
        if not self.placed.here:  # the filter left nothing
            self.clear()
            layout.filter = ""
            self.placed = make(home, repo, layout, name, r, now, older).make()
        self.expect = answers.healthy(self.placed)
        self.before = self.expect.scan
        return self

    def harm(self, home, now):
        """Damages it with the first kind that applies."""
        for name in self.wishes:
            self.placed.r = rng_of("damage", self.seed, name)
            expect = damage.KINDS[name](self.placed)
            if expect:
                self.damage, self.expect = name, expect
                if self.placed.layout.locks == "deleted revision" and not self.placed.layout.tree:
                    answers.loosen(expect)
                break
            self.clear()
            self.build(home, now)
        self.placed.set_times()
        return self

    def clear(self):
        placed = self.placed
        for path in (placed.folder, os.path.join(placed.hub, ".locks", placed.folder_name)):
            shutil.rmtree(path, ignore_errors=True)
        for path in placed.times:
            if os.path.lexists(path):
                os.chmod(path, 0o644, follow_symlinks=True) if not os.path.islink(path) else None
                os.unlink(path)
                if os.path.exists(path + ".refs"):
                    os.unlink(path + ".refs")

    def __str__(self):
        return f"{self.damage or 'healthy'} | {self.kind} | {self.placed.layout}"
