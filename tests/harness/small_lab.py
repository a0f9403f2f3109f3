"""A lab of three people and somebody who may do two things, for the tests of keys, seals and signatures."""

import datetime as dt
from pathlib import Path

from harness.identity import ANCHOR, Role, read_anchors
from harness.keys import Key, issue, make_lab, unlock
from harness.signing import Lab

OPENED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)
LAB = "a passphrase of the lab"
PEOPLE = {
    "a.operator": ("A. Operator", (Role.TESTER, Role.REVIEWER, Role.APPROVER)),
    "r.viewer": ("R. Viewer", (Role.REVIEWER,)),
    "a.prover": ("A. Prover", (Role.APPROVER,)),
    "b.oth": ("B. Oth", (Role.REVIEWER, Role.APPROVER)),
}


def words(code: str) -> str:
    """Return the passphrase of a person."""
    return f"the own words of {code}"


def small_lab(folder: Path, days: int = 365) -> Lab:
    """Make a lab with keys for everybody."""
    make_lab(folder, "Example Lab", LAB, OPENED)
    for code, (name, roles) in PEOPLE.items():
        issue(folder, code, name, roles, lab_passphrase=LAB, passphrase=words(code), utc=OPENED, days=days)
    return Lab(folder, read_anchors(folder / ANCHOR))


def key_of(lab: Lab, code: str) -> Key:
    """Unlock the key of a person."""
    return unlock(lab.folder, code, words(code), NOON)


def later(minutes: int) -> dt.datetime:
    """Return the time some minutes after noon."""
    return NOON + dt.timedelta(minutes=minutes)
