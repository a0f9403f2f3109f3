"""Numbers as people read them: as many digits as the uncertainty bears, and never so few that a verdict looks wrong."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

MISSING = "–"
_MOST_DIGITS = 15
# From here on no float has decimals; instruments say 9.9E+37 for an overload.
_HUGE = 1e15


def decimals_of(uncertainty: float | None, value: float) -> int:
    """Return how many decimals show two significant digits of the uncertainty, or four of the value if it has none."""
    if uncertainty is not None and math.isfinite(uncertainty) and uncertainty > 0:
        return _clamped(1 - math.floor(math.log10(uncertainty)))
    if value == 0 or not math.isfinite(value):
        return 1
    return _clamped(3 - math.floor(math.log10(abs(value))))


def fixed(value: float | None, decimals: int) -> str:
    """Return a number with that many decimals and a true minus sign; a missing one or NaN says so."""
    if value is None:
        return MISSING
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= _HUGE:
        return plain(value, _MOST_DIGITS)
    places = max(decimals, 0)
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):f}"
    return f"−{text}" if rounded < 0 else text


def plain(value: float | None, digits: int = 6) -> str:
    """Return a number as short as it can be said in that many significant digits."""
    if value is None:
        return MISSING
    if not math.isfinite(value) or value == 0:
        return fixed(value, 0)
    rounded = float(f"{value:.{digits}g}")
    if 1e-6 <= abs(rounded) < 1e9:
        text = fixed(rounded, max(digits - 1 - math.floor(math.log10(abs(rounded))), 0))
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{rounded:.{digits - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.').replace('-', '−')}e{int(exponent)}".replace("e-", "e−")


def value_and_limits(
    value: float | None, uncertainty: float | None, low: float | None, high: float | None
) -> tuple[str, str, str, str]:
    """Return value, U, low and high as text with the digits that U bears.

    Values are judged unrounded. So where rounding would show a value on the wrong side of its limit, digits are added
    until what is printed tells the same story as what was judged.
    """
    if value is None or not math.isfinite(value):
        return fixed(value, 0), _uncertainty(uncertainty), _limit(low), _limit(high)
    limits = [limit for limit in (low, high) if limit is not None and math.isfinite(limit)]
    decimals = decimals_of(uncertainty, value)
    while decimals < _MOST_DIGITS and any(
        _order(_rounded(value, decimals), _shown_limit(limit)) != _order(value, limit) for limit in limits
    ):
        decimals += 1
    return (
        fixed(value, decimals),
        _uncertainty(uncertainty),
        _limit(low),
        _limit(high),
    )


def percent(probability: float | None) -> str:
    """Return a probability in percent with two significant digits, and never as 0 or 100 when it is neither."""
    if probability is None or math.isnan(probability):
        return MISSING
    share = probability * 100
    if share < 0.01:
        return "< 0.01 %"
    if share > 99.99:
        return "> 99.99 %"
    return f"{share:.1f} %" if share >= 1 else f"{share:.2g} %"


def ratio(value: float | None) -> str:
    """Return a test uncertainty ratio, rounded down: "3.9:1"; nothing for one that is missing."""
    if value is None or not math.isfinite(value) or value <= 0.0:
        return ""
    if value >= 1000.0:
        return "> 999:1"
    step = Decimal(1).scaleb(math.floor(math.log10(value)) - 1)
    return f"{plain(float(Decimal(repr(value)).quantize(step, rounding=ROUND_FLOOR)), 3)}:1"


def duration(seconds: float | None) -> str:
    """Return a time span in the largest units that suit it: "3 h 12 min", "45.2 s"."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def interval(seconds: float) -> str:
    """Return a time between samples in the unit that suits it."""
    for size, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{plain(seconds / size)} {name}"
    return f"{plain(seconds * 1e9)} ns"


def grouped(count: int) -> str:
    """Return a count with narrow gaps between its thousands."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _clamped(decimals: int) -> int:
    return min(max(decimals, 0), 12)


def _uncertainty(uncertainty: float | None) -> str:
    if uncertainty is None:
        return MISSING
    if not math.isfinite(uncertainty) or uncertainty == 0:
        return fixed(uncertainty, 0)
    # An uncertainty is rounded up: what is printed never promises more than what was known.
    if uncertainty >= _HUGE:
        return plain(float(Context(prec=2, rounding=ROUND_CEILING).create_decimal_from_float(uncertainty)), 2)
    step = Decimal(1).scaleb(-decimals_of(uncertainty, 1.0))
    return f"{Decimal(f'{uncertainty:.6g}').quantize(step, rounding=ROUND_CEILING):f}"


def _limit(limit: float | None) -> str:
    return "" if limit is None else plain(limit, 6)


def _shown_limit(limit: float) -> float:
    return float(f"{limit:.6g}")


def _rounded(value: float, decimals: int) -> float:
    if abs(value) >= _HUGE:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))


def _order(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)
