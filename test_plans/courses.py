"""Treatments over days and weeks: the device's calendar is set on, so that a course takes hours and not months."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from fixtures.bench import Bench
from harness.budget import magnitude
from harness.claims import Claims
from harness.errors import ConfigError
from harness.reading import Reading
from harness.steps import Step
from instruments.device_records import TreatmentRecord
from test_plans.running import SETTLING_S, SHUNT_OHM, restart

DAY_S = 86_400
WEEK_DAYS = 7
# A Monday, 2030-01-07 09:00 UTC.
FIRST_S = 1_894_006_800
HOUR_S = 3_600
# So long after the newest treatment in the log that none of a week counts any more, and a course may begin anew.
AWAY_DAYS = 35
# Entries of the treatment log that are looked at: more than a course has, and fewer than a log may hold.
RECENT = 40


@dataclass
class Course:
    """A programme as it is given to one person, day by day.

    Attributes:
        bench: The bench.
        claims: What the maker declares.
        programme: Which one.
        site: Where.
        level: At which level.
        currents: The current of each session that was taken, on its way to the plateau or there.
        taken_s: When each of them began, by the device's calendar.
    """

    bench: Bench
    claims: Claims
    programme: str
    site: str
    level: int
    currents: list[Reading] = field(default_factory=list)
    taken_s: list[int] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """How long a treatment is to last: as short as it may be."""
        shortest_s: float = self.claims.get(f"programmes.{self.programme}.shortest")
        return shortest_s / 60.0

    def ramp_s(self) -> float:
        """Return how long the ramp takes, with what comes before and after it, in seconds."""
        return self.claims.ramp_s(self.site, 0, self.level) + SETTLING_S

    def ask(self, *, minutes: float | None = None) -> None:
        """Ask for a treatment, without a confirmation."""
        asked = self.minutes if minutes is None else minutes
        self.bench.controller.treat(programme=self.programme, site=self.site, level=self.level, minutes=asked)

    def begin(self, *, minutes: float | None = None) -> None:
        """Confirm, and ask for a treatment, as its user does."""
        self.bench.controller.confirm_contraindications()
        self.ask(minutes=minutes)

    def give(self, utc_s: int) -> bool:
        """Set the calendar, ask for a treatment, see it to its end, and return whether there was one."""
        bench = self.bench
        bench.use_shunt(SHUNT_OHM)
        bench.controller.set_clock(utc_s)
        if bench.refuses(self.begin):
            return False
        self.taken_s.append(utc_s)
        bench.clock.sleep(self.ramp_s())
        self.currents.append(magnitude(bench.output_current()))
        bench.clock.sleep(60.0 * self.minutes)
        return True

    def give_daily(self, utc_s: int, days: int, *, most: int | None = None) -> int:
        """Ask once a day for so many days, or until there were `most` treatments, and return how many there were."""
        count = 0
        for day in range(days):
            if most is not None and count >= most:
                break
            count += self.give(utc_s + day * DAY_S)
        return count

    def give_rest(self, utc_s: int) -> bool:
        """Give what is left of the course by the claims, a day after another, and return whether it was all given."""
        left, days = rest_of_course(self.bench, self.claims, self.programme)
        return self.give_daily(utc_s, days, most=left) == left

    def measure_currents(self, s: Step) -> None:
        """Hand over the smallest current of the sessions; there is none if every treatment was refused."""
        if self.currents:
            s.measure("session current", min(self.currents, key=lambda reading: reading.value))


def records(bench: Bench, programme: str, *, most: int | None = RECENT) -> list[TreatmentRecord]:
    """Return what the newest entries of the treatment log are of a programme, the newest first."""
    return [record for record in bench.controller.treatments(most) if record.programme == programme]


def free_day(bench: Bench) -> int:
    """Return nine in the morning of a day on which no earlier treatment counts, in seconds since 1970-01-01."""
    newest_s = max((record.utc_s for record in bench.controller.treatments(RECENT)), default=0)
    day = newest_s // DAY_S + AWAY_DAYS
    return max(FIRST_S, day * DAY_S + 9 * HOUR_S)


def must_be_new(bench: Bench, programme: str) -> None:
    """Find a device that has given a programme before: what it may give now is then not what a new one may.

    Raises:
        ConfigError: It has.
    """
    count = len(records(bench, programme, most=None))
    if count:
        raise ConfigError(
            f"the treatment log has {count} treatments of {programme}, and must have none: put a device with an empty "
            "log on the bench, and run this plan once"
        )


def rest_of_course(bench: Bench, claims: Claims, programme: str) -> tuple[int, int]:
    """Return how many treatments a course still has by the claims, and in how many days they can be given."""
    left = claims.get(f"programmes.{programme}.schedule.course") - len(records(bench, programme))
    weeks = -(-left // claims.get(f"programmes.{programme}.schedule.per_week"))
    return left, WEEK_DAYS * (weeks + 1)


def foreign_site(claims: Claims, programme: str) -> str:
    """Return a site of the device that a programme is not for.

    Raises:
        ConfigError: It is for all of them.
    """
    sites = claims.get(f"programmes.{programme}.sites")
    found = [site for site in claims.content.sites if site not in sites]
    if not found:
        raise ConfigError(f"the programme {programme} is for every site of the device, so that none can be refused")
    return found[0]


def own_site(claims: Claims, programme: str) -> str:
    """Return a site that a programme is for by the claims."""
    first: str = claims.get(f"programmes.{programme}.sites")[0]
    return first


def newest(bench: Bench) -> list[TreatmentRecord]:
    """Return the newest entries of the treatment log, the newest first."""
    return bench.controller.treatments(RECENT)


def latest(entries: list[TreatmentRecord]) -> TreatmentRecord:
    """Return the newest of some entries; of none one that says nothing, and by which no case passes."""
    return entries[0] if entries else TreatmentRecord(0, "none", "none", 0, math.nan, math.nan, "none")


def is_kept(bench: Bench, entries: list[TreatmentRecord]) -> bool:
    """Return whether the newest entries of the treatment log are still what they were."""
    return newest(bench) == entries


def has_one_more(entries: list[TreatmentRecord], before: list[TreatmentRecord]) -> bool:
    """Return whether there is one entry in front of those that there were before, and not more."""
    count = min(len(before), len(entries) - 1)
    return (
        len(entries) > 0 and entries[1 : 1 + count] == before[:count] and len(entries) >= min(RECENT, len(before) + 1)
    )


def ended_by(record: TreatmentRecord, by: str) -> bool:
    """Return whether an entry names that end."""
    return record.end == by


def as_given(record: TreatmentRecord, course: Course) -> bool:
    """Return whether an entry names programme, site and level of a treatment."""
    return (record.programme, record.site, record.level) == (course.programme, course.site, course.level)


def end_with(bench: Bench, by: str) -> None:
    """End a session in the way of which the treatment log has the word."""
    ways: dict[str, Callable[[], None]] = {
        "stop": bench.controller.stop,
        "emergency-stop": bench.controller.emergency_stop,
        "power": lambda: restart(bench),
    }
    ways[by]()
