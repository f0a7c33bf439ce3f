"""Masses and ages through the workflow: real tracks, another sample, predicted ages."""

import numpy as np
from astropy.table import Table


def _catalogue(project):
    folder = project.folder / "results" / project.config["run"]
    return Table.read(folder / "catalogue.ecsv")


def test_predicted_ages_reach_the_orbits(project):
    project.config["orbits"]["age"] = "predicted"
    project.snakemake("results/tiny/catalogue.ecsv", "results/tiny/run.yaml")
    stars = _catalogue(project)[:3]
    assert stars["age"].tolist() == stars["age_predicted"].tolist()
    births = (
        project.folder / "results/tiny/stars/J024547+543241/birthplaces/0000000-0000032.parquet"
    )
    ages = project.folder / "results/tiny/stars/J024547+543241/ages/0000000-0000032.parquet"
    drawn = np.asarray(Table.read(ages)["age"], np.float32)  # births are kept to 24 bits
    assert np.asarray(Table.read(births)["age"]).tolist() == drawn.tolist()
    assert "SSE" in project.product("run.yaml").decode()
    # and more draws keep the old ones here too
    project.config["orbits"]["draws"] = 96
    assert project.jobs()["draw_birthplaces"] == 4 and project.jobs()["draw_ages"] == 4


def test_each_star_has_the_best_age_there_is(project):
    """In the list without an error, from the labels, and none at all."""
    path = project.folder / "tests" / "config" / "tiny_stars.csv"
    lines = path.read_text().splitlines()
    header = next(line for line in lines if line.startswith("star,")).split(",")

    def without(line, star, *names):
        cells = line.split(",")
        if cells[0] != star:
            return line
        return ",".join("" if n in names else cell for n, cell in zip(header, cells))

    lines = [without(line, "J035041+571042", "age") for line in lines]
    lines = [without(line, "J092133+500556", "age", "teff") for line in lines]
    path.write_text("\n".join(lines) + "\n")
    project.config |= {"masses": "posterior", "spectra": {}, "figures": {}}
    project.config.pop("labels")
    project.snakemake("results/tiny/catalogue.ecsv", "results/tiny/scoreboard.ecsv")
    stars = _catalogue(project)[:3]
    assert [str(s) for s in stars["age_source"].filled("")] == ["published", "predicted", ""]
    assert stars["status"].tolist() == ["ok", "ok", "ok"]
    assert stars["reason"].filled("").tolist() == ["", "", "age: missing, no birthplace"]
    half = (stars["age_predicted_upper"] - stars["age_predicted_lower"]) / 2
    assert stars["age"][:2].tolist() == [12.4, stars["age_predicted"][1]]
    assert stars["age_error"][0] == 12.4 * half[0] / stars["age_predicted"][0]
    assert stars["age_error"][1] == half[1]
    assert (stars["mass_posterior"] == stars["mass_predicted"])[:2].all()
    assert stars["p_ejected"][2] > 0  # traced all the same


def test_another_sample_on_real_tracks(fresh, data):
    """54 hot stars of other papers, from a plain CSV without astrometry, on PARSEC."""
    fresh.config |= {"run": "hot", "stars": "resources/hot_stars.csv", "figures": {}}
    fresh.config |= {"stars_per_job": 100, "spectra": {}}
    fresh.config["tracks"] = {
        "source": "parsec",
        "files": [str(data / "parsec")],
        "mh_min": -1.5,
        "trees": 20,
    }
    fresh.snakemake("results/hot/catalogue.ecsv", "results/hot/figures/masses_ages.png")
    stars = _catalogue(fresh)
    assert len(stars) == 54 and set(stars["status"]) == {"failed"}
    assert all("missing" in reason for reason in stars["reason"])
    ratio = stars["mass_predicted"] / stars["mass"]
    low, middle, high = np.quantile(ratio, [0.16, 0.5, 0.84])
    # the masses of eclipsing binaries are good to 1 or 2 %, their Teff to some percent
    assert 0.95 < middle < 1.05 and 0.85 < low and high < 1.15
    assert "stand_in" not in stars.meta


def test_no_tracks_is_one_line(fresh):
    fresh.config["tracks"] = {"source": "parsec", "files": ["nowhere"]}
    text = fresh.snakemake("-n", succeed=False)
    assert "tracks.files: there is no PARSEC file 'nowhere' (.dat, .dat.gz)" in text
