"""Sections 9 to 11: instruments, environment, bench, software, and whether the harness would have noticed."""

from collections.abc import Iterator

from reports import qualified, summary
from reports.numbers import duration, grouped, plain
from reports.pdf import kills
from reports.pdf.parts import Cell, Part, bold, bullets, figures, heading, note, paragraph, small, some, table
from reports.run import Run


def sections(run: Run) -> list[Part]:
    """Return sections 9, 10 and 11."""
    return [*_instruments(run), *_environment(run), *_software(run), *_qualification(run)]


def _instruments(run: Run) -> Iterator[Part]:
    yield heading("9 Instruments")
    if run.virtual:
        yield note(
            "These instruments are virtual: they are simulated, answer over the same wires as real ones, and "
            "their errors "
            "are drawn as the data sheets of the models named state them. Their certificates are examples."
        )
    rows: list[list[Cell]] = [
        [
            bold(row.name, row.role),
            small(
                f"{row.maker} {row.model}".strip() or "–",
                ", ".join(filter(None, (row.address, row.driver and f"driver {row.driver}"))),
            ),
            small(row.serial or "none", row.firmware),
            small(row.certificate or "none", row.laboratory + (f"; digital: {row.digital}" if row.digital else "")),
            small(row.issued or "–", f"due {row.due}" if row.due else ""),
        ]
        for row in run.rows.instruments
    ]
    yield table(
        ["Name", "Instrument", "Serial", "Certificate", "Issued"],
        [0.6, 1.3, 1.0, 0.9, 0.6],
        rows,
        align="lllll",
        small=True,
    )
    yield heading("Data sheets", 2)
    lines: list[list[Cell]] = [
        [
            row.name,
            said.function,
            said.source,
            bold("✓ found" if said.provenance == "found" else f"† {said.provenance}"),
        ]
        for row in run.rows.instruments
        for said in row.accuracy
    ]
    yield table(
        ["Instrument", "Function", "Source of its accuracy", "Provenance"],
        [0.4, 0.6, 1.4, "auto"],
        lines,
        align="llll",
        small=True,
    )
    if figures := summary.unverified(run):
        yield paragraph("Figures that nobody found in their source, and that values rest on:", "Unverified.")
        yield bullets(
            f"{row.figure} ({row.provenance}), in {grouped(row.values)} values: {row.source}" for row in figures
        )
    yield heading("Check standards", 2)
    checks: list[list[Cell]] = [
        [
            row.when,
            row.quantity,
            f"{plain(row.value, 7)} ± {plain(row.U, 2)} {row.unit}",
            f"{plain(row.reference, 7)} ± {plain(row.reference_U, 2)} {row.unit}",
            plain(row.En, 2),
            small("✓ yes" if row.ok else "✗ no", row.reason),
        ]
        for row in run.rows.check_standards
    ]
    header = ["When", "Quantity", "Measured", "Reference", "En", "Inside the action limit"]
    yield table(header, [0.4, 0.8, 1, 1, "auto", 0.7], checks, align="llllrl", small=True)


def _environment(run: Run) -> Iterator[Part]:
    yield heading("10 Environment")
    rows: list[list[Cell]] = [
        [
            row.when,
            duration(row.at_s),
            f"{plain(row.temperature_degC, 3)} ± {plain(row.temperature_U, 2)}",
            f"{plain(row.humidity_percent, 3)} ± {plain(row.humidity_U, 2)}",
            small("✓ yes" if row.ok else "✗ no", row.reason),
        ]
        for row in run.rows.environment
    ]
    header = ["When", "Bench time", "Temperature / °C", "Relative humidity / %", "Suitable"]
    yield table(header, [1, 0.6, 0.7, 0.8, 0.6], rows, align="lrrrl", small=True)


def _software(run: Run) -> Iterator[Part]:
    opened, volatile = run.rows.opened, run.rows.opened_volatile
    packages = volatile.get("packages") or {}
    model = opened["device_model"] if isinstance(opened["device_model"], dict) else {}
    rows: list[list[Cell]] = [
        [
            bold("Harness"),
            f"iontobench {opened['harness']}" + (f", Python {volatile['python']}" if volatile.get("python") else ""),
        ],
        [bold("Libraries"), ", ".join(f"{name} {version}" for name, version in packages.items()) or "not recorded"],
        [
            bold("Host"),
            ", ".join(str(volatile[key]) for key in ("host", "system") if volatile.get(key)) or "not recorded",
        ],
        [
            bold("Bench"),
            small(f"{opened['bench']['name']}, revision {opened['bench']['revision']}", opened["bench"]["sha256"]),
        ],
        [bold("Seed, controller"), f"{opened['seed']}, {opened['controller']}"],
        [
            bold("Device model"),
            ", ".join(f"{key} {value}" for key, value in model.items() if isinstance(value, str | int | float))
            or "none",
        ],
        [bold("Standards on file"), "; ".join(str(said["id"]) for said in opened["standards"]) or "none"],
    ]
    rows += [
        [bold(f"Plan {plan.plan}"), small(f"{plan.title}, revision {plan.revision}", plan.sha256)]
        for plan in run.rows.plans
    ]
    yield heading("11 Bench and software")
    yield table(["What", "As recorded"], [0.25, 1], rows, align="ll", small=True)


def _qualification(run: Run) -> Iterator[Part]:
    yield heading("Would it have noticed?", 2)
    yield paragraph(qualified.words(run) + ".", "Last qualification:")
    caught = qualified.shown_to_catch(run)
    if caught is None:
        return
    if kills.drawing(run):
        under, aloud = kills.words(run)
        yield figures([{"file": kills.FILE, "title": "Kill matrix", "words": under, "alt": aloud}], abreast=1)
    bases = dict.fromkeys(case.base for case in run.rows.cases.values())
    rows: list[list[Cell]] = [
        [base, str(len(caught[base])), some(caught[base], 12) or "unproven: never shown to catch a defect"]
        for base in bases
        if base in caught
    ]
    yield table(["Case", "Defects caught", "Which"], [0.2, "auto", 1], rows, align="lrl", small=True)
