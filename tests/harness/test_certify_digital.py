"""A bench whose multimeter and oscilloscope have digital calibration certificates decides what any other bench does."""

from pathlib import Path

from fixtures.virtual.instruments.systematic import systematic
from tests.fixtures.bench_files import written
from tests.harness.certify_run import CHECKOUT, certify

TEMPLATE = CHECKOUT / "tests" / "fixtures" / "certificates" / "multimeter.xml"
SEED = 1
METER = """\
    certificate:
      number: VB-2026-002
      laboratory: Virtual Calibration
      issued: 2026-01-12
      due: 2027-01-11
      states: figures
      uncertainty: {dc voltage: 8 ppm, ac voltage: 300 ppm, resistance: 12 ppm, sample timer: 5 ppm}
"""
METER_DIGITAL = "    certificate: {dcc: dmm.xml, interval: 12 months, uncertainty: {sample timer: 5 ppm}}\n"
SCOPE = (
    "{number: VB-2026-003, laboratory: Virtual Calibration, issued: 2026-01-13, due: 2027-01-12, states: conformity}"
)
SCOPE_DIGITAL = "{dcc: scope.xml, interval: 12 months, uncertainty: {dc gain: 0.5 %}}"
# Unit of D-SI, full scale, and U with k = 2, of the ranges that the bench reads on.
RANGES = {
    ("dc voltage", "100 mV"): (r"\volt", 0.1, 1e-6),
    ("dc voltage", "1 V"): (r"\volt", 1.0, 4e-6),
    ("dc voltage", "10 V"): (r"\volt", 10.0, 40e-6),
    ("dc voltage", "100 V"): (r"\volt", 100.0, 600e-6),
    ("resistance", "1 kΩ"): (r"\ohm", 1e3, 6e-3),
    ("resistance", "10 kΩ"): (r"\ohm", 1e4, 60e-3),
}
TIMER = r"""<dcc:result refType="iontobench_{function}"><dcc:data><dcc:list>
<dcc:quantity refType="basic_nominalValue"><si:real><si:value>10</si:value><si:unit>\mega\hertz</si:unit></si:real>
</dcc:quantity>
<dcc:quantity refType="basic_measurementError"><si:real><si:value>2</si:value><si:unit>\ppm</si:unit><si:expandedUnc>
<si:uncertainty>1</si:uncertainty><si:coverageFactor>2</si:coverageFactor></si:expandedUnc></si:real></dcc:quantity>
</dcc:list></dcc:data></dcc:result>
"""


def range_result(function: str, range_: str) -> str:
    """Return a result with the errors that the twin of this seed really has on a range, at both ends of it."""
    unit, full_scale, u = RANGES[function, range_]
    twin = systematic("34465A", function, full_scale, seed=SEED, name="dmm")
    at = [-full_scale if function == "dc voltage" else 0.0, full_scale]
    errors = " ".join(f"{twin.of(value) - value:.6e}" for value in at)
    about = f"iontobench_{function.replace(' ', '-')}_{range_.replace(' ', '')}"
    return f"""<dcc:result refType="{about}"><dcc:data><dcc:list>
<dcc:quantity refType="basic_referenceValue"><si:realListXMLList>
<si:valueXMLList>{at[0]} {at[1]}</si:valueXMLList>
<si:unitXMLList>{unit}</si:unitXMLList></si:realListXMLList></dcc:quantity>
<dcc:quantity refType="basic_measurementError"><si:realListXMLList>
<si:valueXMLList>{errors}</si:valueXMLList><si:unitXMLList>{unit}</si:unitXMLList>
<si:expandedUncXMLList><si:uncertaintyXMLList>{u}</si:uncertaintyXMLList>
<si:coverageFactorXMLList>2</si:coverageFactorXMLList></si:expandedUncXMLList></si:realListXMLList></dcc:quantity>
</dcc:list></dcc:data></dcc:result>
"""


def digital(path: Path, serial: str, model: str, results: str) -> None:
    """Write the certificate of an instrument."""
    text = TEMPLATE.read_text(encoding="utf-8")
    before, after = text.index("        <dcc:result id="), text.index("      </dcc:results>")
    text = text[:before] + results + text[after:]
    path.write_text(text.replace("VB00000002", serial).replace("34465A", model), encoding="utf-8")


def test_a_bench_with_digital_certificates_certifies(tmp_path: Path) -> None:
    """The sample timer's figure stands in the bench file, the timebase's in a result: what applies passes."""
    digital(tmp_path / "dmm.xml", "VB00000002", "34465A", "".join(range_result(*key) for key in RANGES))
    digital(tmp_path / "scope.xml", "VB00000003", "DSOX1204G", TIMER.format(function="timebase"))
    path = written(tmp_path, **{METER: METER_DIGITAL, SCOPE: SCOPE_DIGITAL})

    run = certify(tmp_path / "runs", "output_current", "session_timing", bench=path, seed=SEED)

    certificates = {entry["name"]: entry["certificate"] for entry in run.of("instrument")}
    assert {verdict for verdict, _ in run.verdicts().values()} == {"P", "N/A"}
    assert certificates["dmm"]["dcc"] == "dmm.xml"
    assert certificates["scope"]["dcc"] == "scope.xml"
    assert run.code == 0
