"""Waveforms on disk: counts with a scale, beside the record, with their hash in it."""

import hashlib
import io
import math
from collections.abc import Mapping

import numpy as np

from harness import units
from harness.budget import combine
from harness.casebook import Casebook
from harness.events import WaveformKept
from harness.waveform import Waveform

# The unit that waveforms are printed in, by SI unit.
_PRINTED = {"A": "mA", "V": "V", "s": "s"}
_COUNTS = 2**30


def keep_waveform(
    book: Casebook,
    step: str,
    name: str,
    waveform: Waveform,
    marks: Mapping[str, float],
    limits: Mapping[str, float],
) -> None:
    """Save a waveform as waveforms/NNNNNN.npz with value = counts * scale + offset, and write down its SHA-256.

    A mark that was not found (NaN) is not drawn. The counts span 31 bits of the waveform's own range, so that nothing
    is lost that a converter could have resolved.
    """
    unit = _PRINTED.get(waveform.unit, waveform.unit)
    values = np.asarray(waveform.values, dtype=np.float64) / units.si_of(unit)[1]
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    offset = 0.5 * (low + high)
    scale = (high - low) / (2 * _COUNTS) or 1.0
    counts = np.where(np.isfinite(values), np.rint((values - offset) / scale), np.iinfo(np.int32).min)
    data = io.BytesIO()
    np.savez(data, counts=counts.astype(np.int32), scale=np.float64(scale), offset=np.float64(offset))
    content = data.getvalue()
    folder = book.folder / "waveforms"
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    file = f"waveforms/{book.record.count:06d}.npz"
    (book.folder / file).write_bytes(content)
    typical = max(abs(low), abs(high))
    components = [c._replace(u=c.u * typical) for c in waveform.gain]
    absolute = (*waveform.offset, *waveform.noise, *waveform.rounding)
    components += [c._replace(u=units.convert(c.u, unit)) for c in absolute]
    book.record.write(
        WaveformKept(
            book.case.id,
            step,
            name,
            file,
            digest,
            waveform.quantity,
            unit,
            int(values.size),
            waveform.start_s,
            waveform.interval_s,
            combine(components).U,
            {label: at for label, at in marks.items() if math.isfinite(at)},
            {label: units.convert(level, unit) for label, level in limits.items() if math.isfinite(level)},
        )
    )
