"""Where the program lies that came with this package."""

from __future__ import annotations

import os
import sys
import sysconfig


def find_hfaudit_bin() -> str:
    """The path of the program. FileNotFoundError: the package was installed without its scripts."""
    here = os.path.dirname(os.path.abspath(__file__))
    places = [
        sysconfig.get_path("scripts"),
        os.path.join(sys.prefix, "bin"),
        # `pip install --user`
        sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user"))
        if hasattr(sysconfig, "get_preferred_scheme")
        else os.path.join(os.path.expanduser("~"), ".local", "bin"),
        # `pip install --target DIR`
        os.path.join(os.path.dirname(here), "bin"),
        # `pip install --prefix DIR`: DIR/lib/python3.x/site-packages/hfaudit
        os.path.join(here, "..", "..", "..", "..", "bin"),
    ]
    for place in places:
        path = os.path.join(place, "hfaudit") if place else ""
        if path and os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.normpath(path)
    raise FileNotFoundError("no program hfaudit beside this package; looked in " + ", ".join(filter(None, places)))
