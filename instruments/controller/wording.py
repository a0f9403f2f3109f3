"""How messages are written on the wire: a small fact to the text of a frame, and back.

Numbers on the wire are whole and not negative (milliseconds, microamperes, microcoulombs), so nothing is lost between
the two ends. What does not parse to the letter is an error, never a guess.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from harness.errors import LocalProtocolError, RemoteProtocolError
from instruments.controller.messages import (
    WORDS,
    Ack,
    AlarmReply,
    AskTreatment,
    CalendarReply,
    Code,
    Command,
    CommandError,
    DisplayReply,
    DoseReply,
    Fault,
    IdentityReply,
    LampsReply,
    Log,
    LogReply,
    Nak,
    Provoke,
    Reply,
    SelfTestReply,
    SetClock,
    SetLevel,
    Start,
    StatusReply,
    Supervise,
    Treat,
    TreatmentReply,
    TreatmentsReply,
    Waveform,
)
from instruments.device_records import Lamp, Priority
from instruments.roles import DeviceState

LARGEST_NUMBER = 999_999_999

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_FIELD = re.compile(r"[!-)+\--9;-~](?:[ -)+\--9;-~]*[!-)+\--9;-~])?")


def command_text(command: Command) -> str:
    """Return the text of a command's frame.

    Raises:
        LocalProtocolError: An argument cannot be sent (a number below zero or too large, a word with a space).
    """
    word = WORDS[type(command)]
    match command:
        case Start(site, level, duration_ms, waveform, reversal):
            turn = "reverse" if reversal else "keep"
            return f"{word} {_word_out(site)} {_out(level)} {_out(duration_ms)} {Waveform(waveform).value} {turn}"
        case Treat(programme, site, level, duration_ms):
            return f"{word} {_word_out(programme)} {_word_out(site)} {_out(level)} {_out(duration_ms)}"
        case SetLevel(number) | Log(number) | Supervise(number) | AskTreatment(number):
            return f"{word} {_out(number)}"
        case SetClock(day, second):
            return f"{word} {_out(day)} {_out(second)}"
        case Provoke(fault):
            return f"{word} {_word_out(fault)}"
    return word


def parse_command(text: str) -> Command:
    """Return the command in a frame's text.

    Raises:
        CommandError: The word is no command, or its arguments are not as PROTOCOL.md says.
    """
    word, *arguments = text.split(" ")
    parse = _COMMANDS.get(word)
    if parse is None:
        raise CommandError(Code.UNKNOWN_COMMAND, f"{word[:24]} is no command")
    try:
        return parse(*arguments)
    except TypeError:
        raise CommandError(Code.BAD_ARGUMENT, f"{word} has {len(arguments)} arguments, and that is not right") from None
    except RemoteProtocolError as error:
        raise CommandError(Code.BAD_ARGUMENT, f"{word}, {error}") from None


def reply_text(reply: Reply) -> str:
    """Return the text of a reply's frame.

    Raises:
        LocalProtocolError: A value cannot be sent.
    """
    match reply:
        case Ack():
            return "ACK"
        case Nak(code, text):
            return f"NAK {_out(code):0>2} {text}"
        case StatusReply(state, level, polarity, elapsed_ms, fault):
            sign = "+" if polarity > 0 else "-"
            return f"STATUS {_TOKENS[state]} {_out(level)} {sign} {_out(elapsed_ms)} {_TOKENS[fault]}"
        case DisplayReply(current_ua, step_ua):
            return f"DISPLAY {_out(current_ua)} {_out(step_ua)}"
        case IdentityReply(maker, model, serial, firmware):
            return "IDENTIFY " + ",".join(map(_field_out, (maker, model, serial, firmware)))
        case SelfTestReply(result):
            return f"SELFTEST {_word_out(result)}"
        case DoseReply(charge_uc):
            return f"DOSE {_out(charge_uc)}"
        case LogReply(count, at_ms, event):
            return f"LOG {_out(count)} {_out(at_ms)} {event}"
        case CalendarReply(day, second):
            return f"CALENDAR {_out(day)} {_out(second)}"
        case TreatmentsReply(count):
            return f"TREATMENTS {_out(count)}"
        case TreatmentReply(day, second, programme, site, level, elapsed_ms, charge_uc, end):
            words = f"{_word_out(programme)} {_word_out(site)} {_out(level)}"
            return f"TREATMENT {_out(day)} {_out(second)} {words} {_out(elapsed_ms)} {_out(charge_uc)} {_word_out(end)}"
        case AlarmReply(priority, cause):
            return f"ALARM {_TOKENS[priority]} {_TOKENS[cause]}"
        case LampsReply(lit):
            return "INDICATORS " + (" ".join(_TOKENS[lamp] for lamp in Lamp if lamp in lit) or "NONE")


def parse_reply(text: str) -> Reply:
    """Return the reply in a frame's text.

    Raises:
        RemoteProtocolError: The text is no reply as PROTOCOL.md says.
    """
    word, _, rest = text.partition(" ")
    parse = _REPLIES.get(word)
    if parse is None:
        raise RemoteProtocolError(f"{text!r} is no reply: it must begin with one of {', '.join(_REPLIES)}")
    try:
        return parse(rest)
    except (ValueError, RemoteProtocolError) as error:
        raise RemoteProtocolError(f"{text!r} is no {word} reply: {error}") from None


# Words and numbers on the wire.

Part = TypeVar("Part", DeviceState, Fault, Priority, Lamp)


def _token(word: str) -> str:
    """Return a state or a fault as the wire has it: capitals, and no spaces."""
    return word.upper().replace(" ", "_") or "NONE"


_TOKENS: dict[str, str] = {word.value: _token(word.value) for word in (*DeviceState, *Fault, *Priority, *Lamp)}
_STATES = {_token(state): state for state in DeviceState}
_FAULTS = {_token(fault): fault for fault in Fault}
_PRIORITIES = {_token(priority): priority for priority in Priority}
_LAMPS = {_token(lamp): lamp for lamp in Lamp}


def _out(number: int) -> str:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LARGEST_NUMBER:
        raise LocalProtocolError(f"{number!r} cannot be sent: a number is whole, and 0 … {LARGEST_NUMBER}")
    return str(number)


def _word_out(word: str) -> str:
    if not _WORD.fullmatch(word):
        raise LocalProtocolError(f"{word!r} cannot be sent: a word is a … z, 0 … 9, '-' and '_', at most 24 of them")
    return word


def _field_out(field: str) -> str:
    if not _FIELD.fullmatch(field):
        raise LocalProtocolError(f"{field!r} cannot be sent: a field is printable ASCII without ':', '*' and ','")
    return field


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise RemoteProtocolError(f"{text!r} is no number (0 to {LARGEST_NUMBER}, digits only, no leading zero)")
    return int(text)


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise RemoteProtocolError(f"{text!r} is no word (a to z, 0 to 9, '-', '_')")
    return text


def _one_of(text: str, allowed: dict[str, Part]) -> Part:
    if text not in allowed:
        raise RemoteProtocolError(f"{text!r} is not one of {', '.join(allowed)}")
    return allowed[text]


def _start(site: str, level: str, duration_ms: str, waveform: str, turn: str) -> Start:
    if waveform not in ("dc", "pulsed"):
        raise RemoteProtocolError(f"{waveform!r} is not one of dc, pulsed")
    if turn not in ("keep", "reverse"):
        raise RemoteProtocolError(f"{turn!r} is not one of keep, reverse")
    return Start(_word(site), _number(level), _number(duration_ms), Waveform(waveform), turn == "reverse")


def _treat(programme: str, site: str, level: str, duration_ms: str) -> Treat:
    return Treat(_word(programme), _word(site), _number(level), _number(duration_ms))


_COMMANDS: dict[str, Callable[..., Command]] = {
    **{WORDS[kind]: kind for kind in WORDS if not kind.__dataclass_fields__},
    "LOG": lambda index: Log(_number(index)),
    "TREATMENT": lambda index: AskTreatment(_number(index)),
    "START": _start,
    "TREAT": _treat,
    "LEVEL": lambda level: SetLevel(_number(level)),
    "SUPERVISE": lambda timeout_ms: Supervise(_number(timeout_ms)),
    "CLOCK": lambda day, second: SetClock(_number(day), _number(second)),
    "PROVOKE": lambda fault: Provoke(_word(fault)),
}


def _ack(rest: str) -> Ack:
    if rest:
        raise RemoteProtocolError("an ACK stands alone")
    return Ack()


def _nak(rest: str) -> Nak:
    code, _, reason = rest.partition(" ")
    if not re.fullmatch("[0-9]{2}", code) or not reason:
        raise RemoteProtocolError("a NAK has a code of two digits and a reason")
    return Nak(int(code), reason)


def _identity(rest: str) -> IdentityReply:
    maker, model, serial, firmware = rest.split(",")
    for field in (maker, model, serial, firmware):
        if not _FIELD.fullmatch(field):
            raise RemoteProtocolError(f"{field!r} is no field")
    return IdentityReply(maker, model, serial, firmware)


def _status(rest: str) -> StatusReply:
    state, level, sign, elapsed_ms, fault = rest.split(" ")
    if sign not in ("+", "-"):
        raise RemoteProtocolError(f"{sign!r} is not one of +, -")
    polarity = 1 if sign == "+" else -1
    return StatusReply(_one_of(state, _STATES), _number(level), polarity, _number(elapsed_ms), _one_of(fault, _FAULTS))


def _display(rest: str) -> DisplayReply:
    current_ua, step_ua = rest.split(" ")
    return DisplayReply(_number(current_ua), _number(step_ua))


def _log(rest: str) -> LogReply:
    count, at_ms, event = rest.split(" ", 2)
    if not event:
        raise RemoteProtocolError("the event is missing")
    return LogReply(_number(count), _number(at_ms), event)


def _calendar(rest: str) -> CalendarReply:
    day, second = rest.split(" ")
    return CalendarReply(_number(day), _number(second))


def _treatment(rest: str) -> TreatmentReply:
    day, second, programme, site, level, elapsed_ms, charge_uc, end = rest.split(" ")
    return TreatmentReply(
        _number(day),
        _number(second),
        _word(programme),
        _word(site),
        _number(level),
        _number(elapsed_ms),
        _number(charge_uc),
        _word(end),
    )


def _alarm(rest: str) -> AlarmReply:
    priority, cause = rest.split(" ")
    return AlarmReply(_one_of(priority, _PRIORITIES), _one_of(cause, _FAULTS))


def _lamps(rest: str) -> LampsReply:
    if rest == "NONE":
        return LampsReply(frozenset())
    lit = [_one_of(word, _LAMPS) for word in rest.split(" ")]
    if lit != [lamp for lamp in Lamp if lamp in lit]:
        raise RemoteProtocolError(f"the lamps must be each once, and in the order {', '.join(_LAMPS)}")
    return LampsReply(frozenset(lit))


_REPLIES: dict[str, Callable[[str], Reply]] = {
    "ACK": _ack,
    "NAK": _nak,
    "IDENTIFY": _identity,
    "STATUS": _status,
    "DISPLAY": _display,
    "SELFTEST": lambda rest: SelfTestReply(_word(rest)),
    "DOSE": lambda rest: DoseReply(_number(rest)),
    "LOG": _log,
    "CALENDAR": _calendar,
    "TREATMENTS": lambda rest: TreatmentsReply(_number(rest)),
    "TREATMENT": _treatment,
    "ALARM": _alarm,
    "INDICATORS": _lamps,
}
