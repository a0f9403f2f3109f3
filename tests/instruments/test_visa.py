"""The VISA wire, with the real pyvisa and pyvisa-py, against an instrument on a loopback socket."""

import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import ClassVar

import pytest

from harness.errors import ConfigError, LinkError
from instruments.keysight_e36312a import KeysightE36312A
from instruments.visa import VisaLibrary, canonical
from tests.instruments.wire import StillClock

SAMPLES = bytes(range(256)) * 600


class Instrument(socketserver.StreamRequestHandler):
    """Answers a few questions, one line each."""

    ANSWERS: ClassVar[dict[bytes, bytes]] = {
        b"*IDN?": b"Keysight Technologies,E36312A,MY1,1.0\n",
        b"MEAS:VOLT? (@1)": b"+4.99900000E+00\n",
        b"WAV:DATA?": b"#8%08d" % len(SAMPLES) + SAMPLES + b"\n",
        b"R?;:STAT:QUES?": b"#15a\nb\nc;+0\n",
        b"SYST:HEX?": b"#HFF\n",
        b"CRLF?": b"7\r\n",
    }

    def handle(self) -> None:
        """Answer until the other side hangs up."""
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in self.rfile:
            answer = self.ANSWERS.get(line.rstrip(b"\n"))
            if answer is not None:
                self.wfile.write(answer)


class Server(socketserver.ThreadingTCPServer):
    """A server whose connections end with it."""

    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def address() -> Iterator[str]:
    """The VISA address of the instrument."""
    with Server(("127.0.0.1", 0), Instrument) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"TCPIP0::127.0.0.1::{server.server_address[1]}::SOCKET"
        server.shutdown()
        thread.join()


@pytest.fixture
def library() -> Iterator[VisaLibrary]:
    """The library pyvisa-py, as a bench holds it."""
    opened = VisaLibrary("@py")
    yield opened
    opened.close()


def test_a_question_is_answered_without_its_terminator(address: str, library: VisaLibrary) -> None:
    """A message is a line, and the line feed belongs to the wire."""
    wire = library.open(address, timeout_s=2.0)
    wire.write(b"MEAS:VOLT? (@1)")

    assert wire.read() == b"+4.99900000E+00"


def test_carriage_returns_are_taken_off_too(address: str, library: VisaLibrary) -> None:
    """Some instruments end a line with both."""
    wire = library.open(address, timeout_s=2.0)
    wire.write(b"CRLF?")

    assert wire.read() == b"7"


def test_a_block_with_line_feeds_comes_whole(address: str, library: VisaLibrary) -> None:
    """600 line feeds among 153,600 bytes of samples end nothing."""
    wire = library.open(address, timeout_s=5.0)
    wire.write(b"WAV:DATA?")

    assert wire.read() == b"#800153600" + SAMPLES


def test_what_follows_a_block_belongs_to_the_message(address: str, library: VisaLibrary) -> None:
    """A block may be the first of several answers."""
    wire = library.open(address, timeout_s=2.0)
    wire.write(b"R?;:STAT:QUES?")

    assert wire.read() == b"#15a\nb\nc;+0"


def test_a_hash_that_is_no_block_is_text(address: str, library: VisaLibrary) -> None:
    """A number in hexadecimal begins with a hash, too."""
    wire = library.open(address, timeout_s=2.0)
    wire.write(b"SYST:HEX?")

    assert wire.read() == b"#HFF"


def test_silence_is_a_link_error_that_names_address_and_question(address: str, library: VisaLibrary) -> None:
    """A question that the instrument does not know is not waited for longer than the timeout."""
    wire = library.open(address, timeout_s=0.05)
    wire.write(b"FOO?")

    with pytest.raises(LinkError, match=r"SOCKET gave no answer to 'FOO\?' within 0\.05 s"):
        wire.read()


def test_after_a_clear_the_next_answer_is_the_right_one(address: str, library: VisaLibrary) -> None:
    """An answer that nobody read does not answer the next question."""
    wire = library.open(address, timeout_s=2.0)
    wire.write(b"*IDN?")
    wire.clear()
    wire.write(b"MEAS:VOLT? (@1)")

    assert wire.read() == b"+4.99900000E+00"


def test_an_answer_that_a_stop_left_behind_answers_nothing(address: str, library: VisaLibrary) -> None:
    """Stopped between a question and its answer, at any instant: the next question has its own answer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    wire = library.open(address, timeout_s=2.0)
    before = signal.signal(signal.SIGALRM, stop)
    try:
        for tenth in range(100):
            with suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 2e-5 + tenth * 1e-5)
                wire.write(b"*IDN?")
                wire.read()
                signal.setitimer(signal.ITIMER_REAL, 0)
            wire.write(b"MEAS:VOLT? (@1)")

            assert wire.read() == b"+4.99900000E+00"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_closing_one_wire_leaves_the_others_alone(address: str, library: VisaLibrary) -> None:
    """Neither a wire nor another library that names the same VISA ends somebody else's session."""
    kept = library.open(address, timeout_s=2.0)
    library.open(address, timeout_s=2.0).close()
    other = VisaLibrary("@py")
    other.open(address, timeout_s=2.0)
    other.close()
    single = library.open(address, timeout_s=2.0)
    single.close()
    single.close()

    kept.write(b"*IDN?")

    assert kept.read().startswith(b"Keysight")


def test_a_closed_wire_is_a_link_error(address: str, library: VisaLibrary) -> None:
    """Closing the library closes its wires."""
    wire = library.open(address, timeout_s=2.0)
    library.close()

    with pytest.raises(LinkError, match="cannot be written to"):
        wire.write(b"*IDN?")
    with pytest.raises(LinkError, match="cannot be read from"):
        wire.read()


def test_an_instrument_that_is_not_there_is_one_link_error(library: VisaLibrary) -> None:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"TCPIP0::127.0.0.1::{taken.getsockname()[1]}::SOCKET"

        # pyvisa-py tells a refused connection only when something is sent.
        with pytest.raises(LinkError, match=r"127\.0\.0\.1.*check that it is switched on"):
            library.open(address, timeout_s=1.0).write(b"*IDN?")


def test_an_instrument_that_cannot_be_opened_is_one_link_error(library: VisaLibrary) -> None:
    """A serial port that this host does not have."""
    with pytest.raises(LinkError, match="ASRL/dev/no-such-port::INSTR cannot be opened"):
        library.open("ASRL/dev/no-such-port::INSTR", timeout_s=1.0)


def test_a_name_that_is_no_address_is_a_mistake_in_the_bench_file(library: VisaLibrary) -> None:
    """It is not taken for a missing cable."""
    with pytest.raises(ConfigError, match="'dmm on the left' is not a VISA address"):
        library.open("dmm on the left", timeout_s=1.0)


def test_a_library_that_is_not_there_is_a_mistake_of_ours() -> None:
    """The text says what to do."""
    with pytest.raises(ConfigError, match="no VISA library"):
        VisaLibrary("@nosuchbackend")


def test_a_driver_works_over_it(address: str, library: VisaLibrary) -> None:
    """The same driver as on the scripted wire."""
    supply = KeysightE36312A(library.open(address, timeout_s=2.0), StillClock())

    assert supply.identify().model == "E36312A"
    assert supply.measure_voltage(1).value == 4.999


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("TCPIP::bench-3::INSTR", "tcpip0::BENCH-3::inst0::instr"),
        ("USB0::0x2A8D::0x0101::MY1::INSTR", "usb::10893::257::my1::0::instr"),
        ("GPIB0::18::INSTR", "gpib::18"),
        ("no address", "NO ADDRESS"),
    ],
)
def test_addresses_that_mean_the_same_have_one_spelling(one: str, two: str) -> None:
    """Capitals, numbers in hex, and what may be left out make no difference."""
    assert canonical(one) == canonical(two)


def test_addresses_that_mean_something_else_have_another_spelling() -> None:
    """Another host, another port, another way into the same instrument."""
    addresses = ["TCPIP::a::INSTR", "TCPIP::b::INSTR", "TCPIP::a::hislip0::INSTR", "TCPIP::a::5025::SOCKET"]
    assert len({canonical(address) for address in addresses}) == len(addresses)
