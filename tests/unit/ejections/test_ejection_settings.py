"""The configuration's defaults are the priors of the library."""

import yaml

from contract.config import CONFIG_SCHEMA
from runaways.ejections.priors import Priors
from scripts.ejections.galaxy import priors


def test_defaults_of_the_configuration_are_those_of_the_library():
    schema = yaml.safe_load(CONFIG_SCHEMA.read_text())["properties"]["ejections"]
    keys = schema["properties"]["priors"]["properties"]
    defaults = {name: entry["default"] for name, entry in keys.items()}
    for name, value in vars(Priors()).items():
        found = getattr(priors(defaults), name)
        assert found == value or abs(found / value - 1) < 1e-12, name
    assert set(defaults) == set(vars(Priors()))
