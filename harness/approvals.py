"""Approvals: who approved a plan, when and what for, with the hashes of all that the approval rests on.

They stand in a file of their own, one line of JSON each, sealed and chained by SHA-256 and only ever added to. The last
approval of a plan counts. A run with a plan that is not approved as it stands is a development run, and its record says
so in its volatile part: two runs of the same inputs have the same content, whoever approved when.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, ValidationError

from harness.claims import Undeclared
from harness.clock import host_utc
from harness.documents import Strict
from harness.errors import ConfigError, EvidenceError
from harness.methods import method_files
from harness.plan import Plan
from harness.prepared import Prepared
from harness.proofs import entries_of
from harness.provenance import SEEN
from harness.record import FIRST

APPROVALS = Path("approvals.jsonl")
MethodFiles = Callable[[Plan], dict[str, str]]


class Basis(Strict):
    """All that an approval of a plan rests on, by hash.

    Attributes:
        plan: Its id.
        revision: Of the plan.
        plan_sha256: Of the plan file.
        methods: SHA-256 of the file of its methods, and of each file of methods that this one imports, by name.
        requirements: Fingerprint of each requirement that its cases verify.
        standards: SHA-256 of each edition that a limit of it is from.
    """

    plan: str
    revision: int
    plan_sha256: str
    methods: dict[str, str]
    requirements: dict[str, str]
    standards: dict[str, str]


class Approval(Strict):
    """One line of the file.

    Attributes:
        basis: What it rests on.
        approver: Who approved.
        meaning: What for.
        utc: When, by the host's clock.
        previous: The seal of the line before it, zeros on the first.
        seal: SHA-256 over all else that the line says, so that the last line cannot be altered unseen either.
    """

    basis: Basis
    approver: str = Field(min_length=1)
    meaning: str = Field(min_length=1)
    utc: str
    previous: str
    seal: str = ""

    def sealed(self) -> "Approval":
        """Return it with the seal that it must have."""
        said = orjson.dumps(self.model_dump(exclude={"seal"}), option=orjson.OPT_SORT_KEYS)
        return self.model_copy(update={"seal": hashlib.sha256(said).hexdigest()})


def basis_of(plan: Plan, ready: Prepared, files: MethodFiles = method_files) -> Basis:
    """Return what an approval of a plan would rest on now; its methods are the files that `files` returns.

    Raises:
        Undeclared: A limit is from a standard of which the claims choose no edition.
        ConfigError: A file of methods cannot be read.
    """
    library = ready.library
    verified = dict.fromkeys(name for case in plan.content.cases for name in case.verifies)
    editions = {library.standards.entry(path, ready.claims)[0] for _, path in _standard_limits(plan)}
    hashes = {document.content.standard: document.sha256 for document in library.standards.documents}
    return Basis(
        plan=plan.content.plan,
        revision=plan.content.revision,
        plan_sha256=plan.document.sha256,
        methods=files(plan),
        requirements={name: library.requirements[name].fingerprint for name in sorted(verified)},
        standards={name: hashes[name] for name in sorted(editions)},
    )


def unseen_limits(plan: Plan, ready: Prepared) -> list[str]:
    """Return in words the judged limits of a plan that nobody saw in the text of their standard.

    Raises:
        Undeclared: The claims do not choose which edition a limit is from.
    """
    found: dict[str, list[str]] = {}
    for case, path in _standard_limits(plan):
        edition, entry = ready.library.standards.entry(path, ready.claims)
        if entry.provenance not in SEEN:
            limit = f"{edition}.{path.partition('.')[2]} ({entry.provenance}, {entry.clause})"
            found.setdefault(limit, []).append(case)
    return [f"{limit} of {', '.join(dict.fromkeys(cases))}" for limit, cases in found.items()]


def approve(ready: Prepared, path: Path, approver: str, meaning: str) -> list[Approval]:
    """Add an approval of each plan that is prepared to a file: of all of them, or of none.

    Raises:
        ConfigError: Name or meaning is missing, or a limit of a plan was not seen in its standard.
        EvidenceError: The file was altered, or cannot be written.
    """
    if not approver.strip() or not meaning.strip():
        raise ConfigError("an approval needs a name (--approver) and what it means (--meaning)")
    bases = [_approvable(plan, ready) for plan in ready.plans]
    head = read_approvals(path)[1]
    utc = host_utc().isoformat(timespec="seconds")
    approvals: list[Approval] = []
    for basis in bases:
        said = {"approver": approver.strip(), "meaning": meaning.strip(), "utc": utc, "previous": head}
        approvals.append(Approval(basis=basis, **said).sealed())
        head = approvals[-1].seal
    _append(path, b"".join(orjson.dumps(approval.model_dump()) + b"\n" for approval in approvals))
    return approvals


def _approvable(plan: Plan, ready: Prepared) -> Basis:
    name = plan.content.plan
    try:
        unseen, basis = unseen_limits(plan, ready), basis_of(plan, ready)
    except Undeclared as undeclared:
        raise ConfigError(f"{name} cannot be approved: {undeclared}") from None
    if unseen:
        raise ConfigError(
            f"{name} cannot be approved: it judges by limits that nobody saw in the text of the standard: "
            f"{'; '.join(unseen)}; compare each with a copy, and write down who did so as 'verified'"
        )
    return basis


def read_approvals(path: Path) -> tuple[list[Approval], str]:
    """Return the approvals of a file and the seal of its last line; none and zeros if there is no file.

    Raises:
        EvidenceError: A line is no approval, is not as it was sealed, or does not follow the one before it.
    """
    if not path.exists():
        return [], FIRST
    approvals, head = [], FIRST
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from error
    for number, raw in enumerate(lines, start=1):
        try:
            approval = Approval.model_validate_json(raw)
        except ValidationError:
            raise EvidenceError(f"{path}, line {number}: this is no approval") from None
        if approval.previous != head or approval != approval.sealed() or not raw.endswith(b"\n"):
            raise EvidenceError(f"{path}, line {number}: the chain is broken; no approval from here on can be trusted")
        head = approval.seal
        approvals.append(approval)
    return approvals, head


def approvals_of(ready: Prepared, path: Path | None, files: MethodFiles = method_files) -> dict[str, Any]:
    """Return what a record says of the approvals of its plans.

    Of each plan: `lacks` says why it is not approved as it stands, [] if it is; `signatures` who approved it; `suspect`
    which requirements have changed since, so that their links to cases are suspect.

    Args:
        ready: The plans that are run.
        path: The file of approvals; None is the one in the working folder, if there is one.
        files: Returns the SHA-256 of each file of a plan's methods.

    Raises:
        ConfigError: A file was named and is not there, or a file of methods cannot be read.
        EvidenceError: The file was altered.
    """
    if path is not None and not path.exists():
        raise ConfigError(f"--approvals {path} does not exist: name a file that `plan approve` wrote")
    approvals, head = read_approvals(path or APPROVALS)
    run = dict.fromkeys(case.plan.content.plan for case in ready.cases)
    plans = {
        plan.content.plan: _stamp(plan, ready, approvals, files) for plan in ready.plans if plan.content.plan in run
    }
    return {"file": str(path or APPROVALS), "count": len(approvals), "head": head, "plans": plans}


def _stamp(plan: Plan, ready: Prepared, approvals: list[Approval], files: MethodFiles) -> dict[str, Any]:
    own = [approval for approval in approvals if approval.basis.plan == plan.content.plan]
    if not own:
        return {"lacks": ["never approved"], "signatures": [], "suspect": {}}
    was = own[-1].basis
    signed = [
        {"approver": approval.approver, "meaning": approval.meaning, "utc": approval.utc, "revision": was.revision}
        for approval in own
        if approval.basis == was
    ]
    try:
        now = basis_of(plan, ready, files)
    except Undeclared as undeclared:
        return {"lacks": [str(undeclared)], "signatures": signed, "suspect": {}}
    return {"lacks": list(_lacks(was, now)), "signatures": signed, "suspect": _suspect(was, now)}


def _lacks(was: Basis, now: Basis) -> Iterator[str]:
    """Give in words what has changed since an approval."""
    if was.plan_sha256 != now.plan_sha256:
        yield f"the plan changed since revision {was.revision} was approved"
    changed = [name for name in {**was.methods, **now.methods} if was.methods.get(name) != now.methods.get(name)]
    if changed:
        yield f"the methods changed since revision {was.revision} was approved ({', '.join(changed)})"
    for name, state in _suspect(was, now).items():
        yield f"{name} {state}"
    for name, sha256 in now.standards.items():
        if name not in was.standards:
            yield f"not approved with {name}, which a limit is from"
        elif was.standards[name] != sha256:
            yield f"{name} changed since the plan was approved"


def _suspect(was: Basis, now: Basis) -> dict[str, str]:
    """Return the requirements that are not what they were when the plan was approved, and how."""
    states = {}
    for name, fingerprint in now.requirements.items():
        if name not in was.requirements:
            states[name] = "was no part of what was approved"
        elif was.requirements[name] != fingerprint:
            states[name] = "changed since the plan was approved"
    return states


def _standard_limits(plan: Plan) -> Iterator[tuple[str, str]]:
    """Give each limit of a plan that is from a standard: the case, and the limit's path."""
    for case in plan.content.cases:
        for measure in case.measures.values():
            yield from ((case.id, entry) for entry in entries_of(measure))


def _append(path: Path, line: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            if os.write(file, line) != len(line):
                raise EvidenceError(f"{path} took only a part of an approval: free the disk, and mend its last line")
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
