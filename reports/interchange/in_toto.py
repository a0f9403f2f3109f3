"""A run as an in-toto statement that nobody signed, for a build line that signs with keys and a program of its own.

It is what `seal` signs with a key of the lab, over the files that are there: the record, and what a manifest names.
"""

import hashlib
from pathlib import Path

import orjson

from harness.bundle import MANIFEST, RECORD
from harness.envelope import STATEMENT_TYPE
from harness.errors import EvidenceError
from harness.signing import RESULT
from reports.interchange.shared import what_was_amended, write
from reports.run import Run
from reports.statement import result


def write_in_toto(run: Run, path: Path) -> Path:
    """Write a run as an in-toto statement; return the path.

    Raises:
        ConfigError: The file cannot be written.
        EvidenceError: The record can no longer be read.
    """
    return write(path, in_toto(run))


def in_toto(run: Run) -> bytes:
    """Return a run as an in-toto statement of a test-result; the same files always give the same bytes.

    Raises:
        EvidenceError: The record can no longer be read.
    """
    subject = [
        {"name": path.name, "digest": {"sha256": _sha256(path)}}
        for path in (run.folder / RECORD, run.folder / MANIFEST)
        if path.name == RECORD or path.is_file()
    ]
    predicate = result(run) | ({"amendments": what_was_amended(run)} if run.amendments else {})
    statement = {"_type": STATEMENT_TYPE, "subject": subject, "predicateType": RESULT, "predicate": predicate}
    return orjson.dumps(statement, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from error
