"""What a run rests on, as BibTeX."""

import re

USED = re.compile(r",\s*used = \{(.*?)\}(?=\}\s*$)", re.DOTALL)
ABSENT = (None, "", "none", False, [], 0)


def used(text, settings, catalogues):
    """The entries of BibTeX that a run used.

    Parameters
    ----------
    text : str
        Entries, each with a field ``used``: ``always``, or any of ``key: value`` of the
        configuration, separated by semicolons; ``*`` is any value but none, ``catalogue`` a key
        for those of clusters.
    settings : dict
        The configuration, nested.
    catalogues : iterable of str
        Catalogues of clusters, under the names of `clusters.catalogues`.

    Returns
    -------
    str
        BibTeX, without the field ``used``.
    """
    entries = [f"@{entry.strip()}" for entry in re.split(r"(?m)^@", text)[1:]]
    kept = [USED.sub("", e) for e in entries if _counts(USED.search(e)[1], settings, catalogues)]
    return "\n\n".join(kept) + "\n"


def _counts(conditions, settings, catalogues):
    if conditions == "always":
        return True
    for condition in conditions.split(";"):
        key, _, value = (part.strip() for part in condition.partition(": "))
        if key == "catalogue":
            found = list(catalogues)
        else:
            found = [_at(settings, key)]
        if value == "*" and found[0] not in ABSENT or value in map(str, found):
            return True
    return False


def _at(settings, key):
    for part in key.split("."):
        settings = settings.get(part) if isinstance(settings, dict) else None
    return settings
