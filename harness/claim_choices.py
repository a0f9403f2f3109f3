"""The applicant's choice of standards, held against the tables that there are: a typo there must not go unnoticed."""

from harness.claims import Claims
from harness.errors import ConfigError
from harness.standards import Standards


def check_choices(claims: Claims, standards: Standards) -> None:
    """Find a standard, an edition or a clause that the claims name and no table has.

    Raises:
        ConfigError: There is one; the text lists what there is.
    """
    families = {document.content.family for document in standards.documents}
    for family, choice in claims.content.standards.items():
        where = claims.document.where("standards", family)
        if family not in families:
            known = ", ".join(sorted(families)) or "none"
            raise ConfigError(f"{where}: there is no table of a standard {family!r}; known are {known}")
        editions = standards.editions(family)
        names = ", ".join(file.standard for file in editions)
        chosen = [file for file in editions if choice.edition in (None, file.standard)]
        if not chosen:
            raise ConfigError(f"{where}: there is no table of the edition {choice.edition!r}; known are {names}")
        for clause in choice.clauses:
            if not any(clause in file.clauses for file in chosen):
                listed = ", ".join(name for file in chosen for name in file.clauses)
                raise ConfigError(f"{where}: no clause {clause!r} is in the table; known are {listed}")
