"""Exact statistics of counts, against SciPy and published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.counting import at_least, central_range, clopper_pearson, count_distribution, shows, upper_bound


@pytest.mark.parametrize(
    ("count", "trials", "low", "high"),
    [(0, 10, 0.0, 0.3085), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0), (1, 20, 0.0013, 0.2487)],
)
def test_exact_bounds_are_the_published_ones(count: int, trials: int, low: float, high: float) -> None:
    """The two-sided 95 % bounds are those of the printed tables."""
    bounds = clopper_pearson(count, trials)

    assert bounds.low == pytest.approx(low, abs=6e-5)
    assert bounds.high == pytest.approx(high, abs=6e-5)


@given(
    st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95, 0.99])
)
def test_exact_bounds_are_scipys(pair: tuple[int, int], confidence: float) -> None:
    """Bounds agree with SciPy's exact interval to nine digits."""
    count, trials = pair
    ours = clopper_pearson(count, trials, confidence)
    theirs = stats.binomtest(count, trials).proportion_ci(confidence, "exact")

    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


def test_nothing_in_a_thousand_bounds_the_rate() -> None:
    """The upper bound of 0 in n is 1 - 0.05^(1/n), the rule of three in exact."""
    assert upper_bound(0, 1000) == pytest.approx(1.0 - 0.05 ** (1.0 / 1000.0), rel=1e-10)


@pytest.mark.parametrize(("count", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_count_of_trials_is_refused(count: int, trials: int) -> None:
    """No bound is made up where nothing was tried."""
    with pytest.raises(ValueError, match="no count of trials"):
        upper_bound(count, trials)


@given(st.integers(1, 300), st.floats(0.001, 0.999))
def test_equal_chances_make_a_binomial(trials: int, chance: float) -> None:
    """The distribution of hits with equal chances is SciPy's binomial, and so are tail and central range."""
    distribution = count_distribution([chance] * trials)
    middle = round(trials * chance)

    assert distribution == pytest.approx(list(stats.binom.pmf(range(trials + 1), trials, chance)), abs=1e-12)
    assert at_least(middle, [chance] * trials) == pytest.approx(stats.binom.sf(middle - 1, trials, chance), abs=1e-10)
    low, high = central_range([chance] * trials, 0.99)
    assert stats.binom.cdf(low - 1, trials, chance) <= 0.005 + 1e-12
    assert stats.binom.sf(high, trials, chance) <= 0.005 + 1e-12
    assert stats.binom.cdf(low, trials, chance) > 0.005 - 1e-12
    assert stats.binom.sf(high - 1, trials, chance) > 0.005 - 1e-12


@given(st.lists(st.floats(0.0, 1.0), max_size=12))
def test_any_chances_make_a_distribution(chances: list[float]) -> None:
    """Probabilities add up to one, and their mean is the sum of the chances."""
    distribution = count_distribution(chances)

    assert sum(distribution) == pytest.approx(1.0)
    assert sum(hits * p for hits, p in enumerate(distribution)) == pytest.approx(sum(chances), abs=1e-9)


def test_what_shows_itself_seldom_needs_sessions() -> None:
    """One session in twenty is met in 59 sessions with 95 %."""
    assert shows(0.05, 58) < 0.95 < shows(0.05, 59)
