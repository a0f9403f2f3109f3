"""The time stamp of a seal: whether it is over this seal, whether an authority that is trusted gave it, and when."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from harness.bundle import SEAL, STAMP
from harness.errors import EvidenceError
from harness.journal import moment
from harness.timestamp import Stamp, early, prove, read_authorities


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of a time stamp.

    Attributes:
        stamp: What it says; None if there is none, or it is no time stamp of this seal.
        problem: What is wrong with it, or not proven, in words that follow the name of the file; "" if nothing is.
        wrong: It contradicts something; False if it only proves nothing.
        after: How long after the seal says it was made; None if one of them does not say.
    """

    stamp: Stamp | None
    problem: str = ""
    wrong: bool = False
    after: timedelta | None = None


def look(folder: Path, authorities: Path | None) -> Looked:
    """Return what the time stamp of a run's seal says and proves.

    Args:
        folder: Of the run.
        authorities: Whose time stamps count (PEM); None if the reader names nobody.

    Raises:
        ConfigError: There are no certificates in that file.
    """
    trusted = read_authorities(authorities) if authorities is not None else ()
    path = folder / STAMP
    if not path.is_file():
        words = "is not there: nobody outside of the lab says when the run was sealed"
        return Looked(None, words if trusted else "")
    try:
        sealed = (folder / SEAL).read_bytes()
    except OSError:
        return Looked(None, f"is a time stamp of {SEAL}, which is not there", wrong=True)
    try:
        said = prove(path.read_bytes(), sealed, trusted, STAMP)
    except EvidenceError as error:
        return Looked(None, str(error).removeprefix(f"{STAMP} ").removeprefix(f"{STAMP}: "), wrong=True)
    except OSError as error:
        return Looked(None, f"cannot be read: {error.strerror}", wrong=True)
    made = _made(sealed)
    if made is not None and (words := early(said.utc, made)):
        return Looked(said, words, wrong=True)
    after = said.utc - made if made is not None else None
    return Looked(said, "" if trusted else "nobody said whose time stamps count: give --trust-tsa", after=after)


def _made(sealed: bytes) -> datetime | None:
    """Return when a seal says that it was made; whether that is proved is looked at elsewhere."""
    try:
        return moment(str(orjson.loads(base64.b64decode(orjson.loads(sealed)["payload"]))["predicate"]["utc"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
