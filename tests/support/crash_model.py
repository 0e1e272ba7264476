"""What a power cut leaves of a file system: the events of write_recorder.cpp replayed up to any point, less what was not synced.

The rules are those that POSIX gives, which are weaker than any one file system's. What fsync has not put on the disk
may be there or not, in any combination: each write and truncation of a file, each change of a name. fsync of a file
secures its bytes and not its name; fsync of a folder secures all names in it, and of a rename both sides. A rename,
a link or a new name is there as a whole or not at all.
"""

import os
import random

# What becomes of that which was not synced.
DROP, KEEP, NAMES_ONLY, ZEROS = "drop", "keep", "names-only", "zeros"


class Inode:
    def __init__(self, kind, data=b"", target=""):
        self.kind, self.target = kind, target  # "file", "folder", "link"
        self.synced = bytes(data)
        self.pending = []  # (offset, bytes), or (size, None) for a truncation
        self.age = None    # the time of its last change before the recording

    def content(self, choose=None, zeros=False):
        data = bytearray(self.synced)
        for change in self.pending:
            if choose and not choose():
                continue
            at, written = change
            size = at if written is None else max(len(data), at + len(written))
            data = data[:size] + bytes(max(0, size - len(data)))
            if written is not None and not zeros:
                data[at:at + len(written)] = written
        return bytes(data)


class Change:
    """Of names, as a whole: (folder, name) -> inode or None."""

    def __init__(self, *names):
        self.names, self.synced = names, False


class Disk:
    """The inodes below some roots, as they were before the recording, and what has happened to them since."""

    def __init__(self, root):
        self.root = Inode("folder")
        self.inodes, self.changes = {}, []
        self._read(os.fsencode(root), self.root)

    def _read(self, path, inode):
        status = os.lstat(path)
        self.inodes[f"{status.st_dev}:{status.st_ino}"] = inode
        for entry in sorted(os.scandir(path), key=lambda one: one.name):
            status = os.lstat(entry.path)
            key = f"{status.st_dev}:{status.st_ino}"
            if key in self.inodes:
                found = self.inodes[key]
            elif entry.is_symlink():
                found = Inode("link", target=os.readlink(entry.path))
            elif entry.is_dir(follow_symlinks=False):
                found = Inode("folder")
            else:
                with open(entry.path, "rb") as file:
                    found = Inode("file", file.read())
                found.age = status.st_mtime_ns
            fresh = key not in self.inodes
            self.inodes[key] = found
            self._change((inode, entry.name, found)).synced = True
            if found.kind == "folder" and fresh:
                self._read(entry.path, found)

    def _change(self, *names):
        self.changes.append(Change(*names))
        return self.changes[-1]

    def _names(self):
        """(folder, name) -> inode: as the program sees it."""
        return self._applied(lambda change: True)

    def _applied(self, keep):
        names = {}
        for change in self.changes:
            if not (change.synced or keep(change)):
                continue
            for folder, name, inode in change.names:
                names[id(folder), name] = inode
        return names

    def play(self, event):
        """One line of the record."""
        verb, *words = event.split()
        if verb in ("create", "mkdir", "symlink"):
            folder, name, key = self.inodes.get(words[0]), bytes.fromhex(words[1]), words[2]
            if folder is None:
                return
            kind = {"create": "file", "mkdir": "folder", "symlink": "link"}[verb]
            target = bytes.fromhex(words[3]) if verb == "symlink" else b""
            self.inodes[key] = Inode(kind, target=target)
            self._change((folder, name, self.inodes[key]))
        elif verb == "link":
            folder, inode = self.inodes.get(words[0]), self.inodes.get(words[2])
            if folder is not None and inode is not None:
                self._change((folder, bytes.fromhex(words[1]), inode))
        elif verb == "rename":
            source, target = self.inodes.get(words[0]), self.inodes.get(words[2])
            name, new_name = bytes.fromhex(words[1]), bytes.fromhex(words[3])
            inode = self._names().get((id(source), name)) if source is not None else None
            if inode is not None and target is not None:
                self._change((source, name, None), (target, new_name, inode))
        elif verb == "unlink":
            folder = self.inodes.get(words[0])
            if folder is not None:
                self._change((folder, bytes.fromhex(words[1]), None))
        elif verb in ("write", "truncate") and words[0] in self.inodes:
            written = None if verb == "truncate" else bytes.fromhex(words[2].replace("-", ""))
            inode = self.inodes[words[0]]
            inode.pending.append((int(words[1]), written))
            inode.age = None
        elif verb == "fsync" and words[0] in self.inodes:
            inode = self.inodes[words[0]]
            inode.synced, inode.pending = inode.content(), []
            for change in self.changes:
                if any(folder is inode for folder, _, _ in change.names):
                    change.synced = True

    def write_image(self, path, what, seed=0, since_ns=0):
        """The disk after a power cut now, as a tree at `path`. `what`: DROP, KEEP, NAMES_ONLY, ZEROS, or a share in
        (0, 1) that each change has of being there."""
        chance = random.Random(seed)
        by_chance = isinstance(what, float)
        keep = (lambda change: chance.random() < what) if by_chance else (lambda change: what != DROP)
        names = self._applied(keep)
        below = {}
        for (folder, name), inode in names.items():
            if inode is not None:
                below.setdefault(folder, []).append((name, inode))
        choose = {DROP: lambda: False, NAMES_ONLY: lambda: False, KEEP: None, ZEROS: None}.get(
            what, lambda: chance.random() < what) if not by_chance else (lambda: chance.random() < what)
        written = {}

        def put(folder, place):
            os.makedirs(place, exist_ok=True)
            for name, inode in sorted(below.get(id(folder), []), key=lambda one: one[0]):
                target = os.path.join(place, name)
                if inode.kind == "folder":
                    put(inode, target)
                elif inode.kind == "link":
                    os.symlink(inode.target, target)
                elif id(inode) in written:
                    os.link(written[id(inode)], target)
                else:
                    with open(target, "wb") as file:
                        file.write(inode.content(choose, zeros=what == ZEROS))
                    age = inode.age or since_ns
                    os.utime(target, ns=(age, age))
                    written[id(inode)] = target

        put(self.root, os.fsencode(path))
