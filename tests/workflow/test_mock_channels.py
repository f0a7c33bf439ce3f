"""Mock lists of one channel through the whole workflow: from a star list to shares and catalogue.

RUNAWAYS_MOCK_WORKFLOW=40 is the number of stars of each; without it the test is left out: minutes.
"""

import os

import numpy as np
import pytest
from astropy.table import Table

from mock_channels import channel_list

STARS = int(os.environ.get("RUNAWAYS_MOCK_WORKFLOW", "0"))


@pytest.mark.asked_for("RUNAWAYS_MOCK_WORKFLOW")
@pytest.mark.parametrize("kind, other", [("DES", "BSS"), ("BSS", "DES")])
def test_a_list_of_one_channel_is_named_so(fresh, kind, other):
    stars = channel_list(kind, STARS, 1)
    stars.write(fresh.folder / "mock.csv")
    fresh.config = {"run": "mock", "stars": "mock.csv", "stars_per_job": 20}
    fresh.config |= {"origins": {"binaries": {"number": 5000}}, "spectra": {}}
    products = ("origin_fractions.ecsv", "catalogue.parquet")
    fresh.snakemake(*(f"results/mock/{name}" for name in products))
    results = fresh.folder / "results" / "mock"
    catalogue = Table.read(results / "catalogue.parquet")
    shares = Table.read(results / "origin_fractions.ecsv")[0]
    low, middle, high = (shares[f"fraction_des{end}"] for end in ("_lower", "", "_upper"))
    print(f"all {kind}: DES {middle:.2f} [{low:.2f}, {high:.2f}]", set(catalogue["origin"]))
    assert np.mean(catalogue["origin"] == other) <= 0.1
    assert (high > 0.75) if kind == "DES" else (low < 0.25)
