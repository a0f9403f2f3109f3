"""The order of a run: no case is lost, the chamber moves least, and what follows on stays together."""

from itertools import groupby, permutations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.cases import PlannedCase
from harness.documents import Document
from harness.ordering import Changes, changes, run_order, set_up
from harness.plan import Plan, PlanFile


def _plan(name: str, *, follow_on: bool = False) -> Plan:
    content = PlanFile.model_construct(plan=name, title="t", revision=1, purpose="p", follow_on=follow_on, cases=[])
    return Plan(Document(Path(f"{name}.yaml"), "0", content, {}))


AAA, BBB = _plan("AAA"), _plan("BBB")


def _case(number: int, plan: Plan = AAA, **conditions: str) -> PlannedCase:
    name = f"{plan.content.plan}-{number:03d}"
    needs = ("chamber",) if "at" in conditions else ()
    return PlannedCase(name, name, plan, "t", ("REQ-OUT-001",), "m", needs=needs, conditions=conditions)


_conditions = st.fixed_dictionaries(
    {},
    optional={
        "at": st.sampled_from(["room", "lowest", "highest"]),
        "supply": st.sampled_from(["nominal", "90 %", "110 %"]),
        "load": st.sampled_from(["500 Ω", "2 kΩ"]),
    },
)
_cases = st.lists(st.tuples(st.sampled_from([AAA, BBB]), _conditions), max_size=12).map(
    lambda made: [_case(number, plan, **conditions) for number, (plan, conditions) in enumerate(made)]
)


@given(_cases)
def test_every_case_is_run_once(cases: list[PlannedCase]) -> None:
    """An order leaves nothing out and adds nothing."""
    assert sorted(case.id for case in run_order(cases)) == sorted(case.id for case in cases)


@given(_cases)
def test_each_temperature_is_set_once(cases: list[PlannedCase]) -> None:
    """The chamber is brought to each temperature once, whatever plans ask for it, and the room comes first."""
    visited = [temperature for temperature, _ in groupby(set_up(case).temperature for case in run_order(cases))]

    assert len(visited) == len(set(visited))
    assert "" not in visited[1:]


@given(_cases)
def test_within_a_plan_a_feed_is_set_once_at_each_temperature(cases: list[PlannedCase]) -> None:
    """Nothing is fed twice in one plan at one temperature with something else in between."""
    blocks = groupby(run_order(cases), lambda case: (set_up(case).temperature, case.plan.content.plan))
    for _, block in blocks:
        fed = [feed for feed, _ in groupby(set_up(case).feed for case in block)]
        assert len(fed) == len(set(fed))


@given(_cases)
def test_cases_of_one_set_up_stay_in_the_order_of_the_plan(cases: list[PlannedCase]) -> None:
    """Where nothing is saved, nothing is moved."""
    for key in {(case.plan.content.plan, set_up(case)) for case in cases}:
        ids = [case.id for case in run_order(cases) if (case.plan.content.plan, set_up(case)) == key]
        assert ids == sorted(ids)


@given(_cases.map(lambda cases: cases[:5]))
def test_no_order_moves_the_chamber_less(cases: list[PlannedCase]) -> None:
    """Of all orders of a few cases, none changes the temperature less often."""
    least = min(changes(order).temperature for order in permutations(cases))

    assert changes(run_order(cases)).temperature == least


def test_cases_that_follow_on_are_not_parted() -> None:
    """A plan that says so is run as it stands, whatever its conditions are."""
    plan = _plan("SEQ", follow_on=True)
    cases = [_case(1, plan, load="500 Ω"), _case(2, plan, load="2 kΩ"), _case(3, plan, load="500 Ω")]

    assert [case.id for case in run_order(cases)] == ["SEQ-001", "SEQ-002", "SEQ-003"]


def test_changes_are_counted_against_the_case_before() -> None:
    """A load that is there already is no change; another feed is one."""
    cases = [_case(1, load="500 Ω"), _case(2, BBB, load="500 Ω"), _case(3, BBB, load="500 Ω", supply="90 %")]

    assert changes(cases) == Changes(0, 1, 1)
    assert changes(cases, "BBB") == Changes(0, 1, 0)


def test_a_plan_that_asks_what_a_device_remembers_comes_before_others() -> None:
    """Else a treatment of another plan would stand in the log that must be empty."""
    new = _plan("NEW", follow_on=True)

    assert [case.id for case in run_order([_case(1), _case(2, new), _case(3, BBB)])] == [
        "NEW-002",
        "AAA-001",
        "BBB-003",
    ]
