"""The claims file as a model: what a manufacturer declares of one device, section by section.

Nearly everything may be left out. A case whose limit the claims leave out is not evaluated, and says which claim is
missing: nobody's default is ever a limit.
"""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from harness.claim_fields import Magnitudes, Stricter, Whence, stated
from harness.claims_faults import Fault, FaultName
from harness.claims_output import Output, Programme, Site
from harness.documents import Ampere, Celsius, Humidity, Ratio, Strict, Volt


class Device(Strict):
    """Who made what."""

    manufacturer: str
    model: str
    firmware: str | None = stated("version of the firmware that the claims are about", Whence.FIRMWARE)
    applied_part: Literal["B", "BF", "CF"] | None = stated("type of the applied part, IEC 60601-1", Whence.LABELLING)
    protection_class: Literal["I", "II", "internally powered"] | None = stated(
        "protection against electric shock, IEC 60601-1", Whence.LABELLING
    )
    medicine: str | None = stated(
        "a drug that the device is labelled for by name: it is then regulated with that drug", Whence.LABELLING
    )
    electrodes: str | None = stated("material of the electrodes", Whence.LABELLING)
    description: str | None = stated("what it is, in a sentence", Whence.LABELLING)


class Declaration(Strict):
    """Whether a standard or a clause is applied, and if not wholly, why."""

    applied: Literal["applied", "in part", "not applied"]
    reason: str | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> "Declaration":
        if self.applied != "applied" and not self.reason:
            raise ValueError(f"{self.applied!r} needs a reason")
        return self


class StandardClaim(Strict):
    """Whether a family of standards is applied, in which edition, and clause by clause."""

    edition: str | None = stated("the edition, as in test_plans/standards, such as IEC60601-1:2005", Whence.CHOICE)
    applied: Literal["in full", "in part", "not applied"] | None = stated("as a whole", Whence.CHOICE)
    reason: str | None = stated("why not in full", Whence.CHOICE)
    clauses: dict[str, Declaration] = stated("clause by clause", Whence.CHOICE, default={})

    @model_validator(mode="after")
    def _whole(self) -> "StandardClaim":
        if self.applied in ("in part", "not applied") and not self.reason:
            raise ValueError(f"applied {self.applied!r} needs a reason")
        if self.applied == "in full" and any(clause.applied != "applied" for clause in self.clauses.values()):
            raise ValueError("a standard that is applied in full has no clause that is not: write 'in part'")
        return self


class Adapter(Magnitudes):
    """The maker's mains adapter."""

    mains_low: Volt | None = stated("lowest rated mains voltage", Whence.ELECTRICAL, Stricter.SMALLER)
    mains_high: Volt | None = stated("highest rated mains voltage", Whence.ELECTRICAL, Stricter.LARGER)
    output: Volt | None = stated("rated output voltage of the adapter", Whence.ELECTRICAL, Stricter.BOTH)


class Battery(Magnitudes):
    """What the device does as its battery runs down, by the supply voltage."""

    warn: Volt | None = stated("below this the device warns", Whence.FIRMWARE, Stricter.BOTH)
    block: Volt | None = stated("below this no session can be started", Whence.FIRMWARE, Stricter.BOTH)


class SupplyClaim(Magnitudes):
    """The supply voltage that the device is made for."""

    nominal: Volt | None = stated("rated supply voltage", Whence.ELECTRICAL, Stricter.BOTH)
    minimum: Volt | None = stated("works down to this supply voltage", Whence.ELECTRICAL, Stricter.SMALLER)
    maximum: Volt | None = stated("works up to this supply voltage", Whence.ELECTRICAL, Stricter.LARGER)
    over_voltage: Volt | None = stated("gives no output from this supply voltage on", Whence.RISK, Stricter.SMALLER)
    adapter: Adapter | None = None
    battery: Battery | None = None


class Environment(Strict):
    """Where the device may be used."""

    lowest_temperature: Celsius | None = stated("works from this temperature", Whence.LABELLING, Stricter.SMALLER)
    highest_temperature: Celsius | None = stated("works up to this temperature", Whence.LABELLING, Stricter.LARGER)
    lowest_humidity: Humidity | None = stated("works from this humidity", Whence.LABELLING, Stricter.SMALLER)
    highest_humidity: Humidity | None = stated("works up to this humidity", Whence.LABELLING, Stricter.LARGER)
    clock_tolerance: Ratio | None = stated(
        "the session clock is within this, over all these temperatures", Whence.FIRMWARE, Stricter.SMALLER
    )


class Display(Magnitudes):
    """What the device shows."""

    resolution: Ampere | None = stated("step of the current that is displayed", Whence.OUTPUT, Stricter.BOTH)


class Interface(Strict):
    """How a host talks to the device."""

    protocol: str | None = stated("the document that describes the serial protocol, by its name", Whence.FIRMWARE)


class Indications(Magnitudes):
    """What the device tells by lamps and by its log."""

    output_lamp: bool | None = stated("whether a yellow lamp is lit while there can be output", Whence.LABELLING)
    output_lamp_above: Ampere | None = stated(
        "the lamp is lit wherever the current exceeds this", Whence.RISK, Stricter.SMALLER
    )
    log_entries: int | None = stated("how many events the log keeps at least", Whence.FIRMWARE, Stricter.LARGER, ge=1)
    log_kept: bool | None = stated("whether the log outlives a loss of power", Whence.FIRMWARE)


class ClaimsFile(Strict):
    """What a manufacturer declares of one device.

    Attributes:
        claims: Name of the file as a document.
        revision: Of it.
        has_none: What the device has not, in the maker's own word, by paths such as supply.battery. What is neither
            declared nor named here is not known, and what needs it is not evaluated.
        sources: Where a figure is from, by its path or that of the section it stands in.
    """

    claims: str
    revision: int = Field(ge=1)
    device: Device
    standards: dict[str, StandardClaim] = {}
    supply: SupplyClaim | None = None
    environment: Environment | None = None
    display: Display | None = None
    interface: Interface | None = None
    output: Output | None = None
    sites: dict[str, Site] = {}
    programmes: dict[str, Programme] = {}
    faults: dict[FaultName, Fault] = {}
    indications: Indications | None = None
    contraindications: list[str] | None = stated("who must not be treated, in the words of the label", Whence.LABELLING)
    advice: list[str] | None = stated("what the instructions advise against side effects", Whence.LABELLING)
    has_none: list[str] = []
    sources: dict[str, str] = {}

    @field_validator("standards", "sites", "programmes", "faults", "sources", mode="before")
    @classmethod
    def _empty(cls, value: Any) -> Any:
        """Take a section, or a name in it, that has nothing below it for one that declares nothing."""
        if isinstance(value, dict):
            return {name: {} if inner is None else inner for name, inner in value.items()}
        return {} if value is None else value
