"""Settings of COSMIC, whose engine evolves single stars and binaries."""

import ast
import json
from importlib.resources import files

Z_SUN = 0.0152  # PARSEC's (Bressan et al. 2012), so that [M/H] means the same in both


def default_settings(steps):
    """COSMIC's own default settings, with `steps` steps along the main sequence."""
    text = files("cosmic.data").joinpath("cosmic-settings.json").read_text()
    group = next(group for group in json.loads(text) if group["category"] == "bse")
    settings = {}
    for entry in group["settings"]:
        value = next(option["name"] for option in entry["options"] if option.get("default"))
        if entry["name"] == "fprimc_array":
            value = [2.0 / 21.0] * 16  # written as a fraction in the file
        elif isinstance(value, str):
            value = ast.literal_eval(value)
        settings[entry["name"]] = value
    # pts1: step as a fraction of the main-sequence lifetime.
    return settings | {"pts1": 1.0 / steps, "zsun": Z_SUN}
