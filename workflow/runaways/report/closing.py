"""The last words of a run: what was found, what failed and why, where to look."""

from collections import Counter

from runaways.report import answer
from runaways.report.flags import share

NAMED = 5  # stars that are named; the others are counted


def words(catalogue, folder):
    """What to say at the end of a run.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    folder : str
        Where the products are.

    Returns
    -------
    list of str
        Lines.
    """
    found = ", ".join(f"{n} {said}" for said, n in answer.counts(catalogue))
    lines = [f"{len(catalogue)} stars: {found}."]
    named = [
        f"{row['star']} from {row['ejection_cluster']} ({share(row['p_cluster_best'])})"
        for row in answer.from_clusters(catalogue)
    ]
    if named:
        more = f", and {len(named) - NAMED} more" if len(named) > NAMED else ""
        lines.append(f"From a cluster: {', '.join(named[:NAMED])}{more}.")
    failed = Counter(str(row["reason"]) for row in catalogue if row["status"] != "ok")
    if failed:
        why = "; ".join(f"{n} {reason}" for reason, n in failed.most_common(NAMED))
        more = f"; and {len(failed) - NAMED} other reasons" if len(failed) > NAMED else ""
        lines.append(f"Without a full result {sum(failed.values())}: {why}{more}.")
    lines += [f"{what}: {how}." for what, how in answer.rests_on(catalogue.meta)]
    lines.append(f"Read {folder}/origins.html; all columns are in {folder}/catalogue.ecsv.")
    if failed:
        lines.append(f"Why stars failed: {folder}/failed.ecsv.")
    return lines
