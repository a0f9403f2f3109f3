"""A small house for tests of proofs: one hazard, one standard, one requirement, and what a plan of it may look like."""

from pathlib import Path

from harness.library import Library, load_library

HAZARDS = """\
hazards:
  - id: HAZ-01
    hazard: too much current
    sequence: a part fails
    situation: in a bath
    harm: burns
    severity: serious
    probability: remote
    provenance: proposed
    controls:
      - {id: RC-01, kind: design, text: a regulated output}
"""
STANDARD = """\
standard: STD:1999
family: STD
title: t
edition: first
entries:
  dc: {value: 80 mA, condition: 500 Ω, clause: "1.2", provenance: remembered, confidence: high, source: memory}
clauses:
  "1.2": {title: t, provenance: remembered, confidence: high, source: memory}
"""
REQUIREMENTS = """\
area: output
requirements:
  - id: REQ-OUT-001
    text: t
    rationale: r
    sources: [{kind: seed, ref: x, provenance: found, confidence: high}]
    controls: [RC-01]
    verification: test
"""


def small_library(
    folder: Path, *, hazards: str = HAZARDS, standard: str = STANDARD, requirements: str = REQUIREMENTS
) -> Library:
    """Write a small house into a folder, and read it."""
    for name, text in (("standards", standard), ("requirements", requirements)):
        (folder / name).mkdir()
        (folder / name / "x.yaml").write_text(text)
    (folder / "hazards.yaml").write_text(hazards)
    return load_library(folder)
