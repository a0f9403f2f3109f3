"""The words of ATML: names, data, limits and outcomes, as IEEE Std 1636.1 and the common schema of 1671 have them.

The namespaces are those of the 2013 edition of 1636.1 with the 2010 edition of the common part. That schema is sold and
not public; the order of elements here is that of the public draft of 2009, which holds all that is used.
"""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from itertools import chain
from xml.sax.saxutils import escape

from reports.interchange.shared import xml_text

EDITION = "IEEE Std 1636.1-2013"
TR = "{urn:IEEE-1636.1:2013:TestResults}"
C = "{urn:IEEE-1671:2010:Common}"
TS = "{www.ni.com/TestStand/ATMLTestResults/3.0}"
IB = "{urn:iontobench:atml:1}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_PREFIXES = {"tr": TR, "c": C, "ts": TS, "ib": IB, "xsi": _XSI}
_SPACES = {namespace: prefix for prefix, namespace in _PREFIXES.items()}
_SPECIAL = re.compile(r'[&<>"\n\r\t]')
_ENTITIES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
COVERAGE = "0.95"

# Outcome knows Passed, Failed and Aborted. What is neither pass nor failure is Aborted, with the word of NI TestStand
# in the qualifier: readers take Aborted with any other word for "done", which nobody tells from a pass.
_OUTCOMES = {"P": ("Passed", ""), "F": ("Failed", ""), "N/E": ("Aborted", "Error"), "N/A": ("Aborted", "Skipped")}


def tostring(root: ET.Element, later: Mapping[ET.Element, Iterable[ET.Element]]) -> bytes:
    """Return a document with the prefixes that people know from other ATML files.

    The standard library can write it too, and takes three times as long, which is seconds for a whole suite.

    Args:
        root: The document.
        later: What follows in an element, made only when it is written.
    """
    spaces = "".join(f' xmlns:{prefix}="{namespace[1:-1]}"' for prefix, namespace in _PREFIXES.items())
    document = BytesIO()
    document.write(b'<?xml version="1.0" encoding="utf-8"?>\n')
    _write(root, "", spaces, document, later)
    return document.getvalue()


def _write(
    element: ET.Element,
    margin: str,
    spaces: str,
    document: BytesIO,
    later: Mapping[ET.Element, Iterable[ET.Element]],
) -> None:
    """Add an element with what is in it to a document, a line for each element."""
    tag = _short(element.tag)
    told = "".join([f' {_short(name)}="{_quoted(value)}"' for name, value in element.items()])
    if len(element):
        document.write(f"{margin}<{tag}{spaces}{told}>\n".encode())
        for child in chain(element, later.get(element, ())):
            _write(child, margin + "  ", "", document, later)
        document.write(f"{margin}</{tag}>\n".encode())
    elif element.text:
        document.write(f"{margin}<{tag}{spaces}{told}>{_quoted(element.text)}</{tag}>\n".encode())
    else:
        document.write(f"{margin}<{tag}{spaces}{told} />\n".encode())


@cache
def _short(name: str) -> str:
    """Return a name with its prefix for its namespace; there are few names."""
    namespace, brace, local = name.rpartition("}")
    return f"{_SPACES[namespace + brace]}:{local}" if brace else name


def _quoted(value: str) -> str:
    """Return a text as XML holds it, also inside of double quotes and with its ends of line."""
    return escape(value, _ENTITIES) if _SPECIAL.search(value) else value


def sub(parent: ET.Element, tag: str, /, **attributes: object) -> ET.Element:
    """Add an element; an attribute that is None or empty is left out, because ATML has no blank strings."""
    said = {name: _words(value) for name, value in attributes.items() if value is not None and value != ""}
    return ET.SubElement(parent, tag, said)


def text(parent: ET.Element, tag: str, content: object) -> None:
    """Add an element that holds a text."""
    ET.SubElement(parent, tag).text = xml_text(content)


def outcome(parent: ET.Element, verdict: str, *, conditional: bool = False) -> None:
    """Add an outcome; a verdict that is none of ours is Aborted, never Passed."""
    value, qualifier = _OUTCOMES.get(verdict, _OUTCOMES["N/E"])
    sub(parent, f"{TR}Outcome", value=value, qualifier="Conditional" if conditional and not qualifier else qualifier)


def number(parent: ET.Element, value: float | None, unit: str) -> ET.Element:
    """Add a number in a unit; one that is missing is NaN."""
    shown = "NaN" if value is None else repr(value)
    datum = sub(parent, f"{C}Datum", value=shown, nonStandardUnit="" if unit == "1" else unit)
    datum.set(f"{_XSI}type", "c:double")
    return datum


def words(parent: ET.Element, said: str) -> None:
    """Add a text as a datum."""
    datum = sub(parent, f"{C}Datum")
    datum.set(f"{_XSI}type", "c:string")
    text(datum, f"{C}Value", said)


def limits(parent: ET.Element, low: float | None, high: float | None, unit: str) -> None:
    """Add limits of which at least one is there; a value on a limit is inside it."""
    if low is not None and high is not None:
        pair = sub(parent, f"{C}LimitPair", operator="AND")
        number(sub(pair, f"{C}Limit", comparator="GE"), low, unit)
        number(sub(pair, f"{C}Limit", comparator="LE"), high, unit)
    elif low is not None:
        number(sub(parent, f"{C}SingleLimit", comparator="GE"), low, unit)
    elif high is not None:
        number(sub(parent, f"{C}SingleLimit", comparator="LE"), high, unit)


def uncertainty(datum: ET.Element, expanded: float | None, unit: str) -> None:
    """Add an expanded uncertainty at 95 % as the error limits of a number."""
    if expanded is None:
        return
    limits(sub(datum, f"{C}ErrorLimits"), -expanded, expanded, unit)
    text(datum, f"{C}Confidence", COVERAGE)


def step_type(extension: ET.Element, kind: str) -> None:
    """Say in NI TestStand's words what kind of step this is, for readers that go by it."""
    text(sub(extension, f"{TS}TSStepProperties"), f"{TS}StepType", kind)


def _words(value: object) -> str:
    if isinstance(value, str):
        return xml_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {math.inf: "INF", -math.inf: "-INF"}.get(value, "NaN")
    if isinstance(value, list | tuple):
        return xml_text("; ".join(map(str, value)))
    return xml_text(value)
