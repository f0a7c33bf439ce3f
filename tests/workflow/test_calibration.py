"""What the calibration of ejections and an ensemble of Galaxies add to a run: only when asked."""

from astropy.table import Table

ADDED = ("draw_planted", "fit_planted", "fit_turned", "tabulate_calibration", "plot_calibration")
VARIED = ("tabulate_variant", "trace_variant", "fit_variant")


def test_calibration_and_ensemble_cost_nothing_unless_asked_for(fresh):
    jobs = fresh.jobs()
    assert not {*ADDED, *VARIED} & set(jobs)
    fresh.config["ejections"] = {
        "calibrate": True,
        "calibration_stars": 90,
        "ensemble": [
            {"name": "native", "frame": {"r0": "8 kpc", "v_circ": "220 km/s"}}
            | {"potential": "MWPotential2014"},
            {"name": "scaled", "potential": "MWPotential2014", "rescale": True, "pattern": "bar"},
        ],
    }
    more = fresh.jobs()
    assert {name: more[name] for name in ADDED} == dict.fromkeys(ADDED, 1) | {"fit_planted": 3}
    stars = jobs["fit_ejection"]
    assert (more["trace_variant"], more["fit_variant"]) == (2, 2 * stars)
    assert {name: n for name, n in more.items() if name not in (*ADDED, *VARIED)} == jobs


def test_planted_stars_and_turned_catalogues_are_tabulated_and_drawn(project):
    project.config["ejections"] = {"calibrate": True, "calibration_stars": 6}
    project.config["ejections"]["calibration_angles"] = ["12 deg"]
    project.snakemake("results/tiny/calibration_rates.ecsv", "results/tiny/figures/calibration.png")
    folder = project.folder / "results" / "tiny"
    planted = Table.read(folder / "calibration.ecsv")
    assert len(planted) == 6 and {*planted["true_kind"]} <= {"cluster", "field", "stayed"}
    null = Table.read(folder / "calibration_null.ecsv")
    # four stars on the catalogue turned, mirrored, and as it is
    assert len(null) == 12 and {*null["replicate"]} == {"+12 deg", "mirrored", "as it is"}


def test_a_star_is_explained_in_a_galaxy_with_spiral_arms(project):
    project.config["ejections"] = {"ensemble": [{"name": "arms", "pattern": "spiral_arms"}]}
    star = "stars/J024547+543241/ejections.parquet"
    project.snakemake(f"results/tiny/variants/arms/{star}")
    own, other = (
        Table.read(project.folder / "results" / "tiny" / path)[0]
        for path in (star, f"variants/arms/{star}")
    )
    assert own["p_ejected"] != other["p_ejected"]
    assert abs(own["p_ejected"] - other["p_ejected"]) < 0.3


def test_two_variants_of_one_name_stop_the_run(fresh):
    fresh.config["ejections"] = {"ensemble": [{"name": "a"}, {"name": "a"}]}
    text = fresh.snakemake("-n", succeed=False)
    assert "ejections.ensemble: 'a' is the name of two variants" in text
