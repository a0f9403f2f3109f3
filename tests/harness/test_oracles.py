"""Published numbers and ours: all agree, and one that did not would be seen."""

import math
from dataclasses import replace

import pytest

from harness.oracles import global_risks, run_oracles


@pytest.mark.parametrize("oracle", run_oracles(), ids=lambda oracle: oracle.name)
def test_ours_is_the_published_number(oracle: object) -> None:
    """Each oracle agrees within its tolerance, and names its source."""
    assert oracle.ok, oracle  # type: ignore[attr-defined]
    assert oracle.source  # type: ignore[attr-defined]


def test_each_has_a_name_of_its_own_and_all_are_there() -> None:
    """The examples O1 to O16 are all among them, none of them twice."""
    names = [oracle.name for oracle in run_oracles()]

    assert len(set(names)) == len(names)
    assert {f"O{number}" for number in range(1, 17)} <= {name.split()[0].rstrip("abc") for name in names}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_does_not_agree(value: float) -> None:
    """NaN and infinity agree with nothing."""
    assert not any(replace(oracle, value=value).ok for oracle in run_oracles())


def test_another_number_does_not_agree() -> None:
    """A value that is off by twice its tolerance, and by a little where none is allowed, is seen."""
    for oracle in run_oracles():
        off = 2.0 * oracle.tolerance or 1e-9
        assert not replace(oracle, value=oracle.reference + off).ok
        assert not replace(oracle, value=oracle.reference - off).ok


def test_a_wider_guard_band_moves_risk_from_consumer_to_producer() -> None:
    """With every step of the guard band the consumer's risk falls and the producer's grows."""
    risks = [global_risks(0.12, 0.04, 0.2, 0.2 - guard) for guard in (-0.02, 0.0, 0.02, 0.04, 0.08)]

    assert [consumer for consumer, _ in risks] == sorted((c for c, _ in risks), reverse=True)
    assert [producer for _, producer in risks] == sorted(p for _, p in risks)
