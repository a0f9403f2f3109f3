"""Claims: what can be declared, what the file must be, and what is asked of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from harness.claim_choices import check_choices
from harness.claim_fields import stricter_of, whence_of
from harness.claim_paths import check_path, claim_type, empty_sections, members, numbers_of, unit_of, words_at
from harness.claim_tracing import Recording, Standing
from harness.claims import Claims, Undeclared, load_claims
from harness.claims_faults import FAULT_WORDS, FAULTS
from harness.claims_file import ClaimsFile
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.errors import ConfigError
from harness.library import load_library

HEAD = "claims: X\nrevision: 1\ndevice: {manufacturer: M, model: D}\n"


def written(folder: Path, text: str) -> Claims:
    """Return the claims of a file with a text below its head."""
    path = folder / "claims.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_claims(path)


def fields(model: type[BaseModel], seen: frozenset[type[BaseModel]] = frozenset()) -> Iterator[tuple[str, Any]]:
    """Yield all fields of a model and of those below it, by name of their model."""
    for name, info in model.model_fields.items():
        yield f"{model.__name__}.{name}", info
        for member in members(info.annotation):
            inner = [member, *getattr(member, "__args__", ())]
            for found in inner:
                if isinstance(found, type) and issubclass(found, BaseModel) and found not in seen:
                    yield from fields(found, seen | {model})


def test_every_claim_says_what_it_means_and_who_can_supply_it() -> None:
    """The template and `claims check` have words for all of them, and a person to ask."""
    leaves = {
        name: info
        for name, info in fields(ClaimsFile)
        if not name.startswith(("ClaimsFile.", "Declaration.")) and name not in ("Device.manufacturer", "Device.model")
        if not any(isinstance(m, type) and issubclass(m, BaseModel) for m in members(info.annotation))
        or info.description
    }

    assert len(leaves) > 80
    assert [name for name, info in leaves.items() if not info.description or whence_of(info) is None] == []


def test_every_number_says_which_way_it_is_stricter() -> None:
    """A quantity or a count of which that is not known could not be tried out."""
    numbers = [
        (name, info)
        for name, info in fields(ClaimsFile)
        if name != "ClaimsFile.revision" and (unit_of(info) is not None or int in members(info.annotation))
    ]

    assert len(numbers) > 60
    assert [name for name, info in numbers if stricter_of(info) is None] == []


def test_every_fault_has_words() -> None:
    """Each fault that can be claimed is explained in the template."""
    assert tuple(FAULT_WORDS) == FAULTS


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("sites.{site}.maximum", "A"),
        ("sites.knees.levels.step", "A"),
        ("output.tolerance.relative", "1"),
        ("output.tolerance", None),
        ("faults.short.detection", "s"),
        ("environment.lowest_temperature", "°C"),
        ("standards.IEC60601-1.edition", None),
        ("programmes.{programme}.schedule.per_week", None),
    ],
)
def test_a_path_has_a_unit(path: str, unit: str | None) -> None:
    """A limit that names a claim is held against the unit of its measure, before any device is known."""
    assert check_path(path) == unit


def test_a_path_that_nothing_can_declare_is_refused() -> None:
    """The error lists what can stand there."""
    with pytest.raises(ConfigError, match=r"under faults there can be .*setpoint_corruption"):
        claim_type("faults.meteorite.cutoff")


def test_words_of_a_section_are_those_of_its_model() -> None:
    """What has no words of its own is told by what is in it."""
    assert words_at("output.tolerance").startswith("a band around a setting")
    assert words_at("sites.hands.maximum") == "never more than this"


def test_a_section_with_nothing_in_it_declares_nothing(tmp_path: Path) -> None:
    """A template in which all lines of a section are commented out is in order."""
    claims = written(tmp_path, "output:\nsites:\n  hands:\nfaults:\nstandards:\nprogrammes:\nsources:\n")

    assert {"output", "sites", "faults"} <= set(empty_sections(claims.content))
    assert list(claims.content.sites) == ["hands"]
    with pytest.raises(Undeclared, match=r"sites\.hands\.maximum"):
        claims.get("sites.hands.maximum")


def test_a_source_of_what_is_not_declared_is_refused(tmp_path: Path) -> None:
    """A source that outlives its figure, or is misspelt, is found with its line."""
    with pytest.raises(ConfigError, match=r"claims.yaml:6: sources.output.trip: the claim output.trip is not declared"):
        written(tmp_path, "output: {compliance: 60 V}\nsources:\n  output.trip: a brochure\n")
    with pytest.raises(ConfigError, match=r"no claim can be called 'output\.tripp'"):
        written(tmp_path, "output: {compliance: 60 V}\nsources:\n  output.tripp: a brochure\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("standards: {IEC60601-2-10: {applied: in part}}", "needs a reason"),
        ("standards: {IEC60601-2-10: {clauses: {'201.12.4': {applied: not applied}}}}", "needs a reason"),
        (
            "standards: {IEC60601-2-10: {applied: in full, clauses: {'201.12.4': {applied: in part, reason: r}}}}",
            "write 'in part'",
        ),
        ("supply: {adapter: {output: -5 V}}", "must not be negative"),
        ("indications: {log_entries: 0}", "greater than or equal to 1"),
        ("faults: {meteorite: {cutoff: 1 s}}", "meteorite"),
        ("sites: {hands: {levels: []}}", "more than none"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """One error with file, line and key."""
    with pytest.raises(ConfigError, match=said):
        written(tmp_path, text + "\n")


def test_a_clause_that_is_not_applied_keeps_its_reason(tmp_path: Path) -> None:
    """The applicant's word on a clause, with its dots, comes back as it was written."""
    text = (
        "standards:\n  IEC60601-2-10:\n    clauses: {'201.12.4.103': {applied: not applied, reason: no electrodes}}\n"
    )

    standard = written(tmp_path, text).content.standards["IEC60601-2-10"]

    assert standard.clauses["201.12.4.103"].reason == "no electrodes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("IEC60601-9: {applied: in full}", "no table of a standard 'IEC60601-9'; known are .*IEC60601-1"),
        ("IEC60601-1: {edition: 'IEC60601-1:2006'}", "no table of the edition 'IEC60601-1:2006'; known are .*:2005"),
        ("IEC60601-1: {clauses: {'8.7.99': {applied: applied}}}", "no clause '8.7.99' is in the table"),
    ],
)
def test_a_standard_that_there_is_no_table_of_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A misspelt edition would leave its limits undeclared, and a misspelt clause would be printed nowhere."""
    claims = written(tmp_path, f"standards: {{{text}}}\n")

    with pytest.raises(ConfigError, match=said):
        check_choices(claims, load_library(PLANS_FOLDER).standards)


def test_numbers_are_counted_once_each(tmp_path: Path) -> None:
    """Lists and tables count by their numbers, words and the revision do not."""
    claims = written(
        tmp_path,
        "output: {trip: 35 mA, waveforms: [dc]}\nsites: {hands: {levels: [1 mA, 2 mA]}, feet: {maximum: 5 mA}}\n",
    )

    assert sorted(numbers_of(claims.content)) == [
        "output.trip",
        "sites.feet.maximum",
        "sites.hands.levels.0",
        "sites.hands.levels.1",
    ]


def test_claims_that_record_answer_as_the_others_do(tmp_path: Path) -> None:
    """What was asked is known afterwards, declared or not, and through the questions of plans too."""
    plain = written(tmp_path, "sites: {hands: {ramp: 1 mA/s, levels: {count: 3, step: 1 mA, first: 1 mA}}}\n")
    recording = Recording(plain.document)

    assert recording.ramp_s("hands", 0, 3) == plain.ramp_s("hands", 0, 3) == pytest.approx(3.0)
    assert not recording.declared("output.trip")
    assert recording.asked == {"sites.hands.levels", "sites.hands.ramp", "output.trip"}


def test_a_stand_in_answers_where_claims_are_silent(tmp_path: Path) -> None:
    """What is missing is noted; what a case can do without is still not declared, and a site of its own has levels."""
    reference = load_claims(REFERENCE_CLAIMS)
    standing = Standing(written(tmp_path, "sites: {knees: {maximum: 5 mA}}\n").document, stand_in=reference)

    assert standing.get("sites.knees.maximum") == 0.005
    assert standing.levels("knees") == reference.levels("hands")
    assert not standing.declared("programmes.injury.dose")
    assert standing.missing == {"sites.knees.levels"}
