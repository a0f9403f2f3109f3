"""The software that makes a run: the commit, the lock, and every package, so that another can set up the same.

The list of packages is a bill of materials as CycloneDX writes it, which other programs read.
"""

import hashlib
import os
import platform
import re
import subprocess
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from harness import __version__
from harness.documents import package_file
from harness.qualification import tool_digest

LOCK = "requirements.txt"
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_MOST_CHANGES = 200


def environment(home: Path | None = None) -> dict[str, Any]:
    """Return what software this is.

    `tool` is the SHA-256 over every file of the five rooms; `changed` are the files that differ from the commit;
    `not_as_locked` are packages of another version than the lock has. A checkout knows its commit and its lock, and an
    installed wheel neither: both are "" then.

    Args:
        home: The folder that the five rooms stand in; None is where this program is.
    """
    root = home or package_file("harness").parent
    installed = packages()
    commit, changed = _commit(root)
    lock = root / LOCK
    raw = lock.read_bytes() if lock.is_file() else b""
    return {
        "harness": __version__,
        "tool": tool_digest(root),
        "commit": commit,
        "dirty": bool(changed) if commit else None,
        "changed": changed,
        "lock": {"file": LOCK if raw else "", "sha256": hashlib.sha256(raw).hexdigest() if raw else ""},
        "not_as_locked": _not_as_locked(raw.decode("utf-8", "replace"), installed),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "materials": _materials(installed),
    }


@cache
def packages() -> dict[str, str]:
    """Return name and version of every installed package, in the order of their names; looked up once."""
    found: dict[str, str] = {}
    for known in distributions():
        told = known.metadata  # read anew whenever it is asked for
        if told["Name"]:
            # The first on Python's path is the one that is imported.
            found.setdefault(told["Name"], str(told["Version"]))
    return dict(sorted(found.items(), key=lambda item: (_plain(item[0]), item[0])))


def _materials(packages: dict[str, str]) -> dict[str, Any]:
    """Return a bill of materials as CycloneDX 1.6 writes it."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "iontobench", "version": __version__}},
        "components": [
            {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{_plain(name)}@{version}"}
            for name, version in packages.items()
        ],
    }


def _commit(root: Path) -> tuple[str, list[str]]:
    """Return the commit of a checkout and the files that differ from it; "" if it is none, or nobody can tell."""
    # A wheel may be installed inside of somebody else's checkout: only our own counts.
    if not (root / ".git").exists():
        return "", []
    commit = _git(root, "rev-parse", "HEAD").strip()
    changed = _git(root, "status", "--porcelain", "--no-renames").splitlines() if commit else []
    names = [line[3:] for line in changed]
    more = [f"and {len(names) - _MOST_CHANGES} more"] if len(names) > _MOST_CHANGES else []
    return commit, names[:_MOST_CHANGES] + more


def _git(root: Path, *arguments: str) -> str:
    # To ask must not change the checkout: git would refresh its index otherwise.
    quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        asked = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True,
            env=quiet,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.decode("utf-8", "replace")


def _not_as_locked(lock: str, packages: dict[str, str]) -> list[str]:
    locked: dict[str, set[str]] = {}
    for name, version in _LOCKED.findall(lock):
        locked.setdefault(_plain(name), set()).add(version)
    return [
        f"{name} {version}, locked {' or '.join(sorted(locked[_plain(name)]))}"
        for name, version in packages.items()
        if version not in locked.get(_plain(name), {version})
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
