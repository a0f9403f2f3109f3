"""When a case or a requirement applies: a condition on a claim, asked in one way wherever it stands."""

from typing import Literal

from pydantic import Field, model_validator

from harness.claim_paths import check_path, check_value
from harness.claims import Claims
from harness.documents import Strict


class Applies(Strict):
    """When something applies: if a claim has, is, or has at all, a value. Else it is N/A.

    That a claim is declared at all is asked of what not every device has. A maker who has it not says so (has_none);
    of claims that say neither, nobody knows whether it applies.
    """

    claim: str
    has: str | None = None
    equals: str | bool | None = Field(default=None, alias="is")
    declared: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Applies":
        if sum(x is not None for x in (self.has, self.equals, self.declared)) != 1:
            raise ValueError("'applies' asks exactly one of: has, is, declared")
        return self

    def check(self) -> None:
        """Find a condition that can never hold: a typo there would make something N/A and nobody miss it.

        Raises:
            ConfigError: No claim can be so.
        """
        check_path(self.claim)
        if self.has is not None:
            check_value(self.claim, self.has, member=True)
        if self.equals is not None:
            check_value(self.claim, self.equals, member=False)

    def inapplicable(self, claims: Claims, path: str) -> str:
        """Return why it does not apply, "" if it does; path is the claim with its placeholders filled.

        Raises:
            Undeclared: The claims leave open what the condition asks.
        """
        if self.declared:
            if claims.has_none(path):
                return f"the maker declares that there is no {path}"
            claims.get(path)
            return ""
        value = claims.get(path)
        if self.has is not None:
            return "" if self.has in value else f"the claim {path} is not {self.has!r}"
        return "" if value == self.equals else f"the claim {path} is not {self.equals!r}"


def conditions(applies: Applies | list[Applies] | None) -> list[Applies]:
    """Return the conditions that must all hold; none is a list of none."""
    return applies if isinstance(applies, list) else [applies] if applies is not None else []
