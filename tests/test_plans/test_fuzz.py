"""Malformed frames: each breaks a rule of PROTOCOL.md as it is read here, and none of them ever moves the output."""

import re
from collections.abc import Iterator
from random import Random

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.bench import Bench
from fixtures.opening import open_bench
from fixtures.virtual.port import Analog
from harness.claims import load_claims
from harness.commands.options import REFERENCE_CLAIMS, REFERENCE_DEVICE, VIRTUAL_BENCH
from instruments.controller.frames import Frame, encode
from instruments.roles import DeviceState
from test_plans.fuzz import KINDS, REFUSALS, TEXTS, frames, is_malformed, malformed, not_refused
from test_plans.lines import read
from test_plans.running import reach, switch_on
from tests.fixtures.controller_rig import Rig

SEEDS = st.randoms(use_true_random=False)

# PROTOCOL.md once more, by regular expressions: numbers, words, and each command with its arguments.
NUMBER, WORD = r"(?:0|[1-9][0-9]{0,8})", r"[a-z][a-z0-9_-]{0,23}"
GRAMMAR = re.compile(
    "|".join(
        (
            "IDENTIFY|STATUS|DISPLAY|SELFTEST|DOSE|CALENDAR|TREATMENTS|ALARM|INDICATORS|CONFIRM|PAUSE|RESUME|STOP",
            "ESTOP|ACKNOWLEDGE",
            f"(?:LOG|TREATMENT|LEVEL|SUPERVISE) {NUMBER}",
            f"CLOCK {NUMBER} {NUMBER}",
            f"PROVOKE {WORD}",
            f"START {WORD} {NUMBER} {NUMBER} (?:dc|pulsed) (?:reverse|keep)",
            f"TREAT {WORD} {WORD} {NUMBER} {NUMBER}",
        )
    )
)
LINE = re.compile(rb":([0-9A-F]{2}) ([ -)+-9;-~]+)\*([0-9A-F]{4})\n")


def crc(data: bytes) -> int:
    """Return CRC-16/IBM-3740, bit by bit."""
    value = 0xFFFF
    for byte in data:
        for bit in range(8):
            carries = (value >> 15) ^ (byte >> (7 - bit) & 1)
            value = (value << 1 & 0xFFFF) ^ (0x1021 if carries else 0)
    return value


def must_be_taken(line: bytes) -> bool:
    """Return whether a device must take a line, as PROTOCOL.md says."""
    found = LINE.fullmatch(line)
    if found is None or len(line) > 120 or found[1] == b"00" or crc(line[1:-6]) != int(found[3], 16):
        return False
    return GRAMMAR.fullmatch(found[2].decode("ascii")) is not None


def test_the_checksum_here_is_the_one_of_the_protocol() -> None:
    """CRC-16/IBM-3740 of 123456789 is 29B1."""
    assert crc(b"123456789") == 0x29B1


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_frames_are_made_of_must_be_taken(text: str) -> None:
    """Else they would be refused for another reason than that they are malformed."""
    assert must_be_taken(encode(Frame(1, text)))


@pytest.mark.parametrize("kind", KINDS)
@given(random=SEEDS)
def test_each_kind_makes_frames_that_are_told_from_good_ones(kind: str, random: Random) -> None:
    """By two readings of the protocol, ours and the one above, a frame is malformed or must be taken."""
    line = KINDS[kind](random)

    if line.count(b"\n") == 1:
        assert is_malformed(line) != must_be_taken(line)


@given(random=SEEDS)
def test_a_malformed_frame_is_one_line_that_nobody_may_take(random: Random) -> None:
    """One LF, at its end, so that it has one answer; and no reading of the protocol takes it."""
    line = malformed(random)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert not must_be_taken(line)


def test_the_same_seed_makes_the_same_frames_and_another_one_others() -> None:
    """A run is repeated byte by byte."""
    assert list(frames(1, 100)) == list(frames(1, 100))
    assert list(frames(1, 100)) != list(frames(2, 100))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_frames_of_the_plan_are_not_all_alike(seed: int) -> None:
    """Some cannot be read, some are no command, some have wrong arguments, some are too long, some have number 00."""
    rig = Rig()
    answers = set()
    for line in frames(seed, 200):
        rig.world.sent = b""
        rig.device.receive(line)
        rig.world.run(0.002)
        answers.add(read(rig.world.sent).head)

    assert answers == set(REFUSALS)
    assert any(len(line) > 120 for line in frames(seed, 200))


@given(random=SEEDS, count=st.integers(1, 5))
def test_frames_in_pieces_move_nothing_either(random: Random, count: int) -> None:
    """Bytes arrive as a wire has them, and a device is told of any number at a time."""
    rig = Rig()
    rig.start(level=10)
    rig.world.run(30.0)
    before, drives = rig.world.read(Analog.CURRENT), rig.world.drives
    for _ in range(count):
        for byte in malformed(random):
            rig.device.receive(bytes([byte]))
        rig.world.run(0.002)

    assert (rig.world.read(Analog.CURRENT), rig.world.drives) == (before, drives)
    assert rig.status().state is DeviceState.RUNNING


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    """Open a virtual bench with a session on its plateau."""
    claims = load_claims(REFERENCE_CLAIMS)
    bench = open_bench(VIRTUAL_BENCH, seed=5, device_model=yaml.safe_load(REFERENCE_DEVICE.read_text(encoding="utf-8")))
    bench.begin_case("malformed frames")
    switch_on(bench)
    reach(Ignored(), bench, claims, site="hands", level=10)  # type: ignore[arg-type]
    yield bench
    bench.close()


class Ignored:
    """A step whose readings nobody wants."""

    def measure(self, name: str, taken: object) -> None:
        """Take a reading, and forget it."""


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=SEEDS)
def test_no_malformed_frame_moves_the_output_of_a_session(running: Bench, random: Random) -> None:
    """Through the serial line of the bench, whatever the frame: refused, the state kept, and the current the same."""
    before = running.output_current().value
    answer = read(running.controller.exchange(malformed(random)))
    after = running.output_current().value

    assert answer.head in REFUSALS
    assert running.controller.status().state is DeviceState.RUNNING
    assert after == pytest.approx(before, rel=1e-4)


def test_frames_that_are_refused_are_not_counted(running: Bench) -> None:
    """The reference device refuses all of them."""
    assert not_refused(running, seed=7, count=50) == 0
