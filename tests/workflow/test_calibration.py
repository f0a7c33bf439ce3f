"""What the calibration of ejections and an ensemble of Galaxies add to a run: only when asked."""

ADDED = ("draw_planted", "fit_planted", "fit_turned", "tabulate_calibration", "plot_calibration")
VARIED = ("trace_variant", "fit_variant")


def test_calibration_and_ensemble_cost_nothing_unless_asked_for(fresh):
    jobs = fresh.jobs()
    assert not {*ADDED, *VARIED} & set(jobs)
    fresh.config["ejections"] = {
        "calibrate": True,
        "calibration_stars": 90,
        "ensemble": [
            {"name": "native", "frame": {"r0": "8 kpc", "v_circ": "220 km/s"}}
            | {"potential": "MWPotential2014"},
            {"name": "scaled", "potential": "MWPotential2014", "rescale": True},
        ],
    }
    more = fresh.jobs()
    assert {name: more[name] for name in ADDED} == dict.fromkeys(ADDED, 1) | {"fit_planted": 3}
    stars = jobs["fit_ejection"]
    assert (more["trace_variant"], more["fit_variant"]) == (2, 2 * stars)
    assert {name: n for name, n in more.items() if name not in (*ADDED, *VARIED)} == jobs


def test_two_variants_of_one_name_stop_the_run(fresh):
    fresh.config["ejections"] = {"ensemble": [{"name": "a"}, {"name": "a"}]}
    text = fresh.snakemake("-n", succeed=False)
    assert "ejections.ensemble: 'a' is the name of two variants" in text
