"""ReqIF: what we export is valid by the OMG's schema, and what comes back is compared and never taken over."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reqif.cli.cli_arg_parser import ValidateCommandConfig
from reqif.commands.validate.validate import ValidateCommand

from harness.errors import ConfigError
from reports import load
from reports.trace import Trace, trace_of_run
from reports.trace_reqif import ID, TEXT, Difference, differences, read_requirements, write_reqif
from tests.harness.certify_run import command
from tests.reports.small_records import small_record

AT = "2026-01-31T09:00:00Z"
# By hand after the examples of the ReqIF implementation guide, with names and XHTML as DOORS and Polarion write them.
FOREIGN = """\
<?xml version="1.0" encoding="UTF-8"?>
<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd" xmlns:xhtml="http://www.w3.org/1999/xhtml">
  <THE-HEADER><REQ-IF-HEADER IDENTIFIER="h"><CREATION-TIME>2026-01-31T09:00:00Z</CREATION-TIME>
  <REQ-IF-TOOL-ID>other</REQ-IF-TOOL-ID><REQ-IF-VERSION>1.0</REQ-IF-VERSION><SOURCE-TOOL-ID>other</SOURCE-TOOL-ID>
  <TITLE>t</TITLE></REQ-IF-HEADER></THE-HEADER>
  <CORE-CONTENT><REQ-IF-CONTENT>
    <DATATYPES><DATATYPE-DEFINITION-XHTML IDENTIFIER="x" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="x"/>
      <DATATYPE-DEFINITION-STRING IDENTIFIER="s" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="s" MAX-LENGTH="9"/>
    </DATATYPES>
    <SPEC-TYPES><SPEC-OBJECT-TYPE IDENTIFIER="_t" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="Object">
      <SPEC-ATTRIBUTES>
        <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="_a" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="ReqIF.Text">
          <TYPE><DATATYPE-DEFINITION-XHTML-REF>x</DATATYPE-DEFINITION-XHTML-REF></TYPE></ATTRIBUTE-DEFINITION-XHTML>
        <ATTRIBUTE-DEFINITION-STRING IDENTIFIER="_b" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="ReqIF.ChapterName">
          <TYPE><DATATYPE-DEFINITION-STRING-REF>s</DATATYPE-DEFINITION-STRING-REF></TYPE></ATTRIBUTE-DEFINITION-STRING>
      </SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE></SPEC-TYPES>
    <SPEC-OBJECTS>
      <SPEC-OBJECT IDENTIFIER="_1" LAST-CHANGE="2026-01-31T09:00:00Z" LONG-NAME="REQ-OUT-001 zero">
        <VALUES><ATTRIBUTE-VALUE-XHTML><DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>_a</ATTRIBUTE-DEFINITION-XHTML-REF>
          </DEFINITION>
          <THE-VALUE><xhtml:div>The current is <xhtml:b>zero</xhtml:b> before a session.</xhtml:div></THE-VALUE>
          </ATTRIBUTE-VALUE-XHTML></VALUES>
        <TYPE><SPEC-OBJECT-TYPE-REF>_t</SPEC-OBJECT-TYPE-REF></TYPE></SPEC-OBJECT>
      <SPEC-OBJECT IDENTIFIER="_2" LAST-CHANGE="2026-01-31T09:00:00Z">
        <VALUES><ATTRIBUTE-VALUE-STRING THE-VALUE="Output"><DEFINITION>
          <ATTRIBUTE-DEFINITION-STRING-REF>_b</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>
        </VALUES><TYPE><SPEC-OBJECT-TYPE-REF>_t</SPEC-OBJECT-TYPE-REF></TYPE></SPEC-OBJECT>
    </SPEC-OBJECTS>
  </REQ-IF-CONTENT></CORE-CONTENT>
</REQ-IF>
"""


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """The trace of the small record."""
    run = load(small_record(tmp_path_factory.mktemp("runs") / "run").write())
    return trace_of_run(run)


def with_text(trace: Trace, name: str, text: str) -> Trace:
    """Return a trace in which one requirement says something else."""
    changed = replace(trace.requirements[name], text=text)
    return replace(trace, requirements=trace.requirements | {name: changed})


def test_an_export_is_valid_by_the_schema_and_by_its_links(tmp_path: Path, trace: Trace) -> None:
    """The schema of the OMG takes it, and every relation and place ends at an object that is there."""
    path = write_reqif(trace, tmp_path / "t.reqif", AT)

    found = ValidateCommand._validate(ValidateCommandConfig(str(path), use_reqif_schema=True))

    assert not found.has_any_errors(), [str(error) for error in found.schema_errors]


def test_an_export_holds_every_link(tmp_path: Path, trace: Trace) -> None:
    """Controls point to hazards, requirements to controls, cases to requirements: as many as the trace has."""
    from reqif.parser import ReqIFParser

    bundle = ReqIFParser.parse(str(write_reqif(trace, tmp_path / "t.reqif", AT)))
    content = bundle.core_content.req_if_content

    relations = {(relation.source, relation.target) for relation in content.spec_relations}
    assert relations == {
        *((control.control, control.hazard) for control in trace.controls.values()),
        *((item.requirement, name) for item in trace.requirements.values() for name in item.controls),
        *((base.base, name) for base in trace.bases.values() for name in base.verifies if name in trace.requirements),
    }
    names = {item.identifier for item in content.spec_objects}
    assert names == {*trace.hazards, *trace.controls, *trace.requirements, *trace.bases}


def test_what_comes_back_unchanged_differs_in_nothing(tmp_path: Path, trace: Trace) -> None:
    """Export and import are each other's inverse."""
    assert differences(trace, write_reqif(trace, tmp_path / "t.reqif", AT)) == []


# What XML cannot hold at all is no text of ours: YAML refuses it too.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS.filter(str.strip))
def test_any_text_survives_the_way_there_and_back(tmp_path: Path, trace: Trace, text: str) -> None:
    """Quotes, brackets, ampersands, umlauts and signs come back as they were, in one line."""
    odd = with_text(trace, "REQ-OUT-001", text)

    path = write_reqif(odd, tmp_path / "t.reqif", AT)

    assert read_requirements(path)["REQ-OUT-001"][TEXT] == " ".join(text.split())
    assert differences(odd, path) == []


def test_new_changed_and_gone_requirements_are_told(tmp_path: Path, trace: Trace) -> None:
    """Each kind of difference is named, a changed one with what ours says and what theirs says."""
    ours, theirs = dict(trace.requirements), dict(trace.requirements)
    del ours["REQ-OUT-003"], theirs["REQ-LBL-001"]
    theirs["REQ-OUT-001"] = replace(theirs["REQ-OUT-001"], text="Another text.")

    path = write_reqif(replace(trace, requirements=theirs), tmp_path / "t.reqif", AT)
    found = differences(replace(trace, requirements=ours), path)

    assert [(one.kind, one.requirement) for one in found] == [
        ("new", "REQ-OUT-003"),
        ("changed", "REQ-OUT-001"),
        ("gone", "REQ-LBL-001"),
    ]
    assert found[1].fields == {TEXT: (trace.requirements["REQ-OUT-001"].text, "Another text.")}


def test_a_file_of_another_tool_is_understood(tmp_path: Path, trace: Trace) -> None:
    """Texts in XHTML are read as texts, headings are no requirements, and what it leaves out is no change."""
    path = tmp_path / "foreign.reqif"
    path.write_text(FOREIGN)

    found = [one for one in differences(trace, path) if one.kind != "gone"]

    ours = trace.requirements["REQ-OUT-001"].text
    assert found == [
        Difference("REQ-OUT-001", "changed", {TEXT: (ours, "The current is zero before a session.")}),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no ReqIF file"),
        (b"<html/>", "is no ReqIF file"),
        (b"\xff\xfe", "is no ReqIF file"),
        (b"PK\x03\x04", "is packed"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            "declares a document type",
        ),
        (FOREIGN.replace("ReqIF.Text", "Words").encode(), "holds no requirement"),
    ],
    ids=["empty", "html", "no text", "packed", "entities", "without requirements"],
)
def test_a_file_that_cannot_be_compared_is_refused(tmp_path: Path, trace: Trace, content: bytes, words: str) -> None:
    """Whatever is not ReqIF with requirements is one clear error, and no entity is ever resolved."""
    path = tmp_path / "strange.reqif"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=words):
        differences(trace, path)


def test_an_id_that_is_there_twice_is_refused(tmp_path: Path, trace: Trace) -> None:
    """Two requirements of one id cannot both be compared with ours."""
    path = write_reqif(trace, tmp_path / "t.reqif", AT)
    text = path.read_text()
    path.write_text(text.replace('THE-VALUE="REQ-OUT-003"', 'THE-VALUE="REQ-OUT-001"'))

    assert ID in text
    with pytest.raises(ConfigError, match="'REQ-OUT-001' is there twice"):
        differences(trace, path)


def test_the_command_tells_differences_and_changes_nothing(tmp_path: Path) -> None:
    """Exit code 0 where nothing differs and 1 where something does; the requirements stay as they are."""
    from harness.commands.options import PLANS_FOLDER

    files = sorted((PLANS_FOLDER / "requirements").glob("*.yaml"))
    before = [path.read_bytes() for path in files]
    command(tmp_path, "trace", "--plans", PLANS_FOLDER / "inspections.yaml", "--reqif", "ours.reqif")
    exported = tmp_path / "ours.reqif"
    same = command(tmp_path, "trace", "--plans", PLANS_FOLDER / "inspections.yaml", "--import", exported)
    exported.write_text(exported.read_text().replace("never more than was claimed", "x").replace("current", "power"))
    other = command(tmp_path, "trace", "--plans", PLANS_FOLDER / "inspections.yaml", "--import", exported)

    assert (same.returncode, other.returncode) == (0, 1)
    assert "the same requirements as ours" in same.stdout
    assert "none of our files was changed" in other.stdout
    assert [path.read_bytes() for path in files] == before
