"""Suites: named choices of plans, such as the few that are run most often."""

from pathlib import Path

from pydantic import Field

from harness.documents import Strict, load
from harness.errors import ConfigError
from harness.plan import SUITES


class SuiteFile(Strict):
    """The suites of a folder of plans: for each name the stems of its plans."""

    suites: dict[str, list[str]] = Field(min_length=1)


def suite_plans(name: str, folder: Path) -> list[Path]:
    """Return the plan files of a suite, in its order.

    Raises:
        ConfigError: There is no such suite, or one of its plans is missing.
    """
    document = load(folder / SUITES, SuiteFile)
    suites = document.content.suites
    if name not in suites:
        raise ConfigError(f"{document.path}: no suite is called {name!r}; there are {', '.join(suites)}")
    files = [folder / f"{stem}.yaml" for stem in suites[name]]
    for index, path in enumerate(files):
        if not path.is_file():
            raise ConfigError(f"{document.where('suites', name, index)}: {path.name} is no plan beside it")
    return files
