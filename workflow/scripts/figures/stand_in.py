"""What the figures of the catalogue call a stand-in."""


def stand_in_of_ages(catalogue, cfg):
    """The stand-in behind a traceback: that of the tracks, where it uses predicted ages."""
    return catalogue.meta.get("stand_in", "") if cfg["orbits.age"] == "predicted" else ""
