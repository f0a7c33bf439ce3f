"""What the figures of the catalogue call a stand-in."""

from runaways.masses_ages.ages import PREDICTED


def stand_in_of_ages(catalogue):
    """The stand-in behind a traceback: that of the tracks, where it used a predicted age."""
    return catalogue.meta.get("stand_in", "") if PREDICTED in catalogue["age_source"] else ""
