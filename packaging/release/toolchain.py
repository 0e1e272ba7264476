"""A Debian root with the compilers and libraries of a release, for both architectures, and the builds in it.

The root lies in build/release-root; nothing is installed on the machine. It has the libraries of Debian 12, so that the programs
run on that and on what is newer. The source is copied to the same folder in it every time, whatever the path of the checkout.
"""

import os
import shutil
import subprocess

from sbom import COMPONENTS

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITE = "bookworm"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
SECURITY = os.environ.get("DEBIAN_SECURITY_MIRROR", "http://deb.debian.org/debian-security")
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
TOOLS = ("g++", "g++-aarch64-linux-gnu", "cmake", "ninja-build", "dpkg-dev", "ca-certificates", "libcli11-dev", "libexpected-dev",
         "nlohmann-json3-dev")
LIBRARIES = ("libarchive-dev", "libboost-filesystem-dev", "libfmt-dev", "libssl-dev", "zlib1g-dev", "libzstd-dev", "libcurl4-openssl-dev")
SOURCE = "/hfaudit"  # in the root
CURL = "/curl"  # likewise: its source, which is fetched once, and its builds


def say(text):
    print(f"release: {text}", flush=True)


def as_root(*words):
    return [*words] if os.geteuid() == 0 else ["sudo", *words]


class Toolchain:
    def __init__(self, folder):
        self.folder = folder

    def inside(self, path):
        return self.folder + path

    def prepare(self):
        """Makes the root, unless it is there with these packages."""
        packages = [*TOOLS, *(f"{name}:{arch}" for name in LIBRARIES for arch in ARCHITECTURES)]
        contents = "\n".join([SUITE, *packages]) + "\n"
        if self.is_ready(contents):
            return
        say(f"making a root with compilers in {os.path.relpath(self.folder, ROOT)}, once")
        subprocess.run(as_root("rm", "-rf", self.folder), check=True)
        os.makedirs(os.path.dirname(self.folder), exist_ok=True)
        sources = (f"deb {MIRROR} {SUITE} main", f"deb {MIRROR} {SUITE}-updates main", f"deb {SECURITY} {SUITE}-security main")
        subprocess.run(as_root("mmdebstrap", "--mode=root", "--variant=apt", "--architectures=" + ",".join(ARCHITECTURES),
                               '--aptopt=Acquire::Languages "none"', '--aptopt=APT::Install-Recommends "false"',
                               "--include=" + ",".join(packages), SUITE, self.folder, *sources),
                       stdin=subprocess.DEVNULL, check=True)
        subprocess.run(as_root("tee", self.inside("/.ready")), input=contents, text=True, stdout=subprocess.DEVNULL, check=True)

    def is_ready(self, contents):
        """Whether the root was completed, with the packages that `contents` lists."""
        try:
            with open(self.inside("/.ready"), encoding="utf-8") as file:
                return file.read() == contents
        except FileNotFoundError:
            return False

    def forget_libraries(self):
        """So that the next build makes libcurl anew."""
        for name in os.listdir(self.inside(CURL)):
            if name.startswith("curl-"):
                subprocess.run(as_root("rm", "-rf", self.inside(f"{CURL}/{name}")), check=True)

    def copy_source(self, epoch):
        """The files of the commit or, without git, of the tree; all with one time."""
        subprocess.run(as_root("rm", "-rf", self.inside(SOURCE)), check=True)
        subprocess.run(as_root("mkdir", "-p", self.inside(SOURCE)), check=True)
        if os.path.exists(os.path.join(ROOT, ".git")):
            listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout
        else:
            listed = subprocess.run(["find", ".", "-path", "./build", "-prune", "-o", "-path", "./dist", "-prune", "-o", "(", "-type",
                                     "f", "-o", "-type", "l", ")", "-print0"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        pack = subprocess.run(["tar", "-c", "--null", "-T", "-", f"--mtime=@{epoch}", "--sort=name", "--owner=0", "--group=0"],
                              input=listed, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(as_root("tar", "-x", "-C", self.inside(SOURCE)), input=pack, check=True)

    def run(self, *command, epoch="0"):
        """In the root, with an environment of its own."""
        words = ["chroot", self.folder, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                 f"SOURCE_DATE_EPOCH={epoch}", *command]
        subprocess.run(as_root("nice", *words), stdin=subprocess.DEVNULL, check=True)

    def build(self, preset, arch, epoch, targets=("hfaudit_cli",)):
        """Builds anew; the path of the build folder, outside of the root."""
        folder = f"{SOURCE}/build/{preset}-{arch}"
        subprocess.run(as_root("rm", "-rf", self.inside(folder)), check=True)
        options = ["-DBUILD_TESTING=OFF", "-DHFAUDIT_REPRODUCIBLE=ON", "-DHFAUDIT_LAUNCHER=", "-DCMAKE_INSTALL_PREFIX=/usr"]
        if preset == "static":
            options.append(f"-DHFAUDIT_CURL_DIR={CURL}")
        if arch != "amd64":
            options += [f"-DCMAKE_TOOLCHAIN_FILE={SOURCE}/cmake/{ARCHITECTURES[arch]}.cmake",
                        f"-DHFAUDIT_COMPLETIONS_DIR={SOURCE}/build/{preset}-amd64/completions"]
        say(f"building {preset} for {arch}")
        self.run("cmake", "-S", SOURCE, "--preset", preset, "-B", folder, *options, epoch=epoch)
        self.run("cmake", "--build", folder, "--target", *targets, epoch=epoch)
        return self.inside(folder)

    def install(self, preset, arch, component):
        """What `cmake --install` makes of it, in a folder outside of the root."""
        target = f"/stage/{preset}-{arch}-{component}"
        subprocess.run(as_root("rm", "-rf", self.inside(target)), check=True)
        self.run("env", f"DESTDIR={target}", "cmake", "--install", f"{SOURCE}/build/{preset}-{arch}", "--strip", "--component",
                 component)
        return self.inside(target)

    def versions(self):
        """Of the libraries that are in the static program: name of the Debian package to version."""
        names = [name for name in COMPONENTS if name != "curl"]  # its source is in CURL
        done = subprocess.run(as_root("chroot", self.folder, "dpkg-query", "-W", "-f=${Package} ${Version}\n", *names),
                              stdout=subprocess.PIPE, check=True, text=True)
        found = dict(line.split(" ", 1) for line in done.stdout.splitlines())
        curl = next(name for name in os.listdir(self.inside(CURL)) if name.startswith("curl_"))
        found["curl"] = curl.partition("_")[2]
        return found


def take(path, target, mode):
    """Copies what root may have made."""
    shutil.copyfile(path, target)
    os.chmod(target, mode)
