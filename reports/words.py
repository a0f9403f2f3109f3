"""Fields of a record as words."""


def text(value: object) -> str:
    """Return a field as words: nothing for None, yes and no for truths, "key: value" pairs for a mapping."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text(part)}" for key, part in value.items() if part is not None)
    if isinstance(value, list):
        return ", ".join(text(part) for part in value)
    return str(value)
