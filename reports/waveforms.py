"""Waveforms read back: the file proved by its fingerprint, and thinned out for the eye without losing a peak."""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EvidenceError
from reports.rows import WaveformRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# All that a file of anybody's may raise when it is read as a waveform: one that is encrypted, packed in a way that
# nobody knows, or cut, among them.
NO_WAVEFORM = (KeyError, ValueError, TypeError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Samples:
    """Samples over time.

    Attributes:
        time_s: Seconds from the zero of the method.
        values: In the unit of the waveform's row; NaN where nothing was read.
        total: How many samples there were before any were left out.
    """

    time_s: "NDArray[np.float64]"
    values: "NDArray[np.float64]"
    total: int


def read_kept(folder: Path, row: WaveformRow) -> bytes:
    """Return the file of a kept waveform, proved by its fingerprint.

    Raises:
        EvidenceError: The file is missing, outside the run folder, or altered since it was recorded.
    """
    path = (folder / row.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise EvidenceError(f"line {row.seq}: {row.file} must be inside the run folder")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"line {row.seq}: {row.file} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise EvidenceError(f"line {row.seq}: {row.file} was altered after it was recorded; it must not be used")
    return content


def read_samples(folder: Path, row: WaveformRow) -> Samples:
    """Return all samples of a kept waveform.

    Raises:
        EvidenceError: The file is missing, outside the run folder, altered since it was recorded, or no waveform.
    """
    import numpy as np

    content = read_kept(folder, row)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            counts = archive["counts"]
            values = counts.astype(np.float64) * float(archive["scale"]) + float(archive["offset"])
            if counts.dtype == np.int32:
                values[counts == np.iinfo(np.int32).min] = np.nan  # what was not a number is kept as the lowest count
    except NO_WAVEFORM as error:
        raise EvidenceError(f"line {row.seq}: {row.file} is no waveform: {error}") from error
    if len(values) != row.samples:
        raise EvidenceError(f"line {row.seq}: {row.file} must hold {row.samples} samples, not {len(values)}")
    time_s = row.start_s + row.interval_s * np.arange(len(values), dtype=np.float64)
    return Samples(time_s, values, len(values))


def reduced(samples: Samples, points: int) -> Samples:
    """Return at most `points` of the samples, the first, the last, the smallest and the largest among them.

    Samples that are not numbers are left out.
    """
    import numpy as np

    finite = np.isfinite(samples.values)
    if not finite.all():
        samples = Samples(samples.time_s[finite], samples.values[finite], samples.total)
    if len(samples.values) <= points:
        return samples
    from tsdownsample import MinMaxLTTBDownsampler

    # Largest-triangle alone may drop an extreme that min-max has kept, so both extremes are put back.
    downsampler: Any = MinMaxLTTBDownsampler
    kept = downsampler().downsample(np.ascontiguousarray(samples.values), n_out=points - 2)
    extremes = [int(np.argmin(samples.values)), int(np.argmax(samples.values))]
    chosen = np.union1d(np.asarray(kept, dtype=np.int64), np.asarray(extremes, dtype=np.int64))
    return Samples(samples.time_s[chosen], samples.values[chosen], samples.total)
