"""The audit on synthetic tables: silent when they are clean, and finding what is planted."""

import html
import re

import numpy as np
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, Table
from astropy_healpix import HEALPix

from runaways.audit.checks import audit, summary
from runaways.audit.numbers import decimals, half_unit, one_digit_apart
from runaways.frames import Frame, galactocentric, heliocentric
from runaways.stars.velocities import peculiar_velocity

FRAME = Frame(r0=8.5, v_circ=220.0, v_sun=(11.10, 12.24, 7.25), z_sun=0.0208)
BOX = {"teff": (7000.0, 49000.0), "logg": (0.55, 4.52), "mh": (-0.6, 0.6)}
LIMITS = dict(box=BOX, v_sp_min=43.0, v_tan_min=33.0)
# as Table A.1 of Guo et al. 2025 prints them
DIGITS = dict(
    ra=4, dec=4, parallax=4, pmra=3, pmdec=3, teff=0, logg=1, mh=1, vsini=0, v_sp_published=2,
    x_published=2, y_published=2, z_published=2, u_published=2, v_published=2, w_published=2,
)  # fmt: skip


def synthetic(n=1000, seed=1, frame=FRAME, digits=DIGITS, zero_point=0.0):
    """A table of n stars that meet the limits, made of one truth and only then rounded."""
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, 4 * n), np.degrees(np.arcsin(rng.uniform(-1, 1, 4 * n)))
    parallax = np.exp(rng.uniform(np.log(0.15), np.log(3), 4 * n))
    distance = 1 / (parallax - zero_point)
    pmra, pmdec = rng.normal(0, 30, (2, 4 * n)) / (4.74 * distance)
    rv = rng.normal(0, 40, 4 * n)
    v_tan, _, v_sp = peculiar_velocity(ra, dec, distance, pmra, pmdec, rv, frame)
    keep = np.flatnonzero((v_sp > 43.01) | (v_tan > 33.01))[:n]
    assert len(keep) == n
    star = (ra, dec, distance, pmra, pmdec, rv) = [
        column[keep] for column in (ra, dec, distance, pmra, pmdec, rv)
    ]
    position, velocity = heliocentric(*star)
    x, y, z = galactocentric(position, velocity, frame)[0]
    sun = np.array(frame.v_sun) + [0, frame.v_circ, 0]
    u_, v_, w_ = velocity + sun[:, None]
    teff, logg, mh = rng.uniform(9e3, 3e4, n), rng.uniform(2.5, 4.7, n), rng.uniform(-1, 0.4, n)
    labels = dict(teff=teff, logg=logg, mh=mh)
    inside = np.all(
        [(low <= labels[k]) & (labels[k] <= high) for k, (low, high) in BOX.items()], axis=0
    )
    columns = dict(
        ra=ra, dec=dec, parallax=parallax[keep], pmra=pmra, pmdec=pmdec, teff=teff, logg=logg,
        mh=mh, vsini=rng.uniform(1, 300, n), v_sp_published=v_sp[keep], x_published=x,
        y_published=y, z_published=z, u_published=u_, v_published=v_, w_published=w_,
    )  # fmt: skip
    table = Table({name: np.round(column, digits[name]) for name, column in columns.items()})
    table["inside_grid_published"] = inside
    table["star"] = [f"S{i:04d}" for i in range(n)]
    table["name"] = [f"V* {i} Aur" for i in range(n)]
    pixels = HEALPix(4096, order="nested").lonlat_to_healpix(ra * u.deg, dec * u.deg)
    table["source_id"] = [str((int(p) << 35) + int(rng.integers(2**35))) for p in pixels]
    table.meta.update(rv=rv, distance=distance, z=z)
    return table


def faults(found, check=None):
    keep = [r["severity"] == "fault" and check in (None, r["check"]) for r in found]
    return {row["star"]: row for row, kept in zip(found, keep, strict=True) if kept}


def the_note(found, check):
    [row] = [r for r in found if (r["star"], r["check"]) == ("(table)", check)]
    return row


def fitted(text, name):
    return tuple(map(float, re.search(rf"{name} = (\S+) \+- (\S+)", text).groups()))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "frame",
    [FRAME, Frame(8.122, 233.4, (12.9, 12.24, 7.78), 0.0208), Frame(8.0, 240, (9, 5, 6), 0)],
)
def test_no_fault_in_a_clean_table(frame, seed):
    stars = synthetic(1000, seed, frame)
    found = audit(stars, frame, **LIMITS)
    assert not faults(found)
    assert found.meta["checks_skipped"] == {}
    # and not because nothing was checked
    assert the_note(found, "distance")["note"].startswith("gives X, Y, Z of 1000 of 1000 rows")
    assert "1000 rows agree" in the_note(found, "vector")["note"]
    assert "1000 of 1000 rows" in the_note(found, "speed")["note"]
    r0, error = fitted(the_note(found, "x")["computed"], "r0")
    assert abs(r0 - frame.r0) < 5 * error < 0.002


@pytest.mark.parametrize("fewer", [1, -1])
def test_no_fault_whatever_the_rounding(fewer):
    digits = {name: max(0, count - fewer) for name, count in DIGITS.items()}
    found = audit(synthetic(1000, 4, digits=digits), FRAME, **LIMITS)
    assert not faults(found)


def test_a_stated_frame_that_is_not_the_tables_is_no_fault_but_noted():
    stars = synthetic(500, 5, Frame(8.2, 220.0, FRAME.v_sun, 0.015))
    found = audit(stars, FRAME)
    assert not faults(found)
    for check, name, truth in (("x", "r0", 8.2), ("z", "z_sun", 0.015), ("speed", "r0", 8.2)):
        value, error = fitted(the_note(found, check)["computed"], name)
        assert abs(value - truth) < 5 * error < 0.005
    assert "differs from the stated" in the_note(found, "x")["note"]


@pytest.mark.parametrize("r0", [8.48, 8.45, 8.3])
def test_a_stated_frame_that_is_nearly_the_tables_is_no_fault(r0):
    # so near that many rows, though not all, agree with it
    stars = synthetic(500, 33, Frame(r0, 220.0, (11.10, 12.20, 7.30), 0.0208))
    assert not faults(audit(stars, FRAME))


def test_solar_motion_of_the_vectors_is_fitted():
    stars = synthetic(300, 6, Frame(8.5, 220.0, (9.0, 15.0, 8.0), 0.0208))
    found = audit(stars, FRAME)
    row = the_note(found, "vector")
    added = [float(x) for x in re.findall(r"(-?[\d.]+) \+-", row["computed"])]
    assert added == pytest.approx([9.0, 235.0, 8.0], abs=0.01)
    assert "fitted velocity" in row["note"] and "300 rows agree" in row["note"]
    assert not faults(found, "vector")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("added", "said"),
    [((0, 0, 0), "heliocentric velocity,"), (FRAME.v_sun, "heliocentric velocity + Sun's motion,")],
)
def test_other_conventions_of_the_vectors(sign, added, said):
    stars = synthetic(300, 7)
    for name, shift in zip("uvw", np.array(FRAME.v_sun) + [0, 220, 0] - added, strict=True):
        stars[f"{name}_published"] = np.round(stars[f"{name}_published"] - shift, 2)
    stars["u_published"] *= sign
    found = audit(stars, FRAME)
    assert the_note(found, "vector")["note"].startswith(said)
    assert ("towards" if sign == 1 else "away from") in the_note(found, "vector")["note"]
    assert not faults(found)


def test_other_conventions_of_the_coordinates():
    stars = synthetic(300, 8)
    right_handed = stars.copy()
    right_handed["x_published"] *= -1
    found = audit(right_handed, FRAME)
    assert not faults(found)
    assert "x = d cos b cos l - r0" in the_note(found, "x")["note"]
    r0, error = fitted(the_note(found, "x")["computed"], "r0")
    assert abs(r0 - 8.5) < 5 * error < 0.003

    position, _ = heliocentric(stars["ra"], stars["dec"], stars.meta["distance"], 0, 0, 0)
    for name, coordinate in zip("xyz", position, strict=True):
        stars[f"{name}_published"] = np.round(coordinate, 2)
    found = audit(stars, FRAME)
    assert not faults(found)
    r0, error = fitted(the_note(found, "x")["computed"], "r0")
    assert r0 < 5 * error < 0.003


def test_lost_sign_of_z():
    stars = synthetic(400, 9)
    height = stars.meta["z"]
    for printed in (np.abs(height), np.abs(height - FRAME.z_sun) + FRAME.z_sun):
        south = np.flatnonzero(stars["z_published"] < -0.1)
        lost = stars.copy()
        lost["z_published"] = np.round(printed, 2)
        found = faults(audit(lost, FRAME))
        assert {row["check"] for row in found.values()} == {"z_sign"}
        assert set(stars["star"][south]) <= set(found)
        assert set(found) <= set(stars["star"][height < FRAME.z_sun])


def test_one_wrong_coordinate_is_a_misprint():
    stars = synthetic(300, 10)
    stars["y_published"][7] += 2
    found = faults(audit(stars, FRAME))
    assert list(found) == ["S0007"] and found["S0007"]["check"] == "y"


def test_parallax_zero_point_is_found():
    found = audit(synthetic(500, 11, zero_point=-0.030), FRAME)
    assert not faults(found)
    row = the_note(found, "distance")
    assert row["computed"] == "1/(parallax - zero point)"
    zero_point, error = map(float, re.search(r"is (\S+) \+- (\S+) uas", row["note"]).groups())
    assert abs(zero_point + 30) < 5 * error + 0.1 and error < 1


def test_distance_column():
    stars = synthetic(500, 12)
    stars["distance"] = np.round(1000 * stars.meta["distance"]) * u.pc
    stars["parallax"] += np.random.default_rng(3).normal(0, 0.05, 500)
    found = audit(stars, FRAME, **LIMITS)
    assert not faults(found)
    assert the_note(found, "distance")["computed"] == "distance column"


def test_distances_of_unknown_origin_are_not_judged():
    stars = synthetic(300, 13)
    stars["parallax"] *= np.random.default_rng(3).uniform(0.7, 1.3, 300)
    found = audit(stars, FRAME, **LIMITS)
    assert the_note(found, "distance")["computed"] == "unknown"
    assert not faults(found)


def test_foreign_vectors_are_named():
    stars = synthetic(300, 14)
    absent = synthetic(300, 15)
    vector = ["u_published", "v_published", "w_published"]
    for name in vector:
        column = stars[name].copy()
        column[[10, 11, 12]] = column[[200, 12, 11]]  # one copied, two exchanged
        column[20:120] = absent[name][:100]  # of stars that the table has not
        stars[name] = column
    found = faults(audit(stars, FRAME))
    assert {row["check"] for row in found.values()} == {"vector"}
    assert set(found) == {f"S{i:04d}" for i in (10, 11, 12, *range(20, 120))}
    for star, owner in (("S0010", "S0200"), ("S0011", "S0012"), ("S0012", "S0011")):
        assert f"it is that of {owner}" in found[star]["note"]
        assert "also gives that star's V_Sp" in found[star]["note"]
    others = [found[f"S{i:04d}"]["note"] for i in range(20, 120)]
    assert sum("nor is it that of another row" in note for note in others) >= 99


def test_recovered_radial_velocities_are_the_planted_ones():
    stars = synthetic(300, 16)
    found = [row for row in audit(stars, FRAME) if row["check"] == "radial_velocity"]
    recovered = np.array([float(row["computed"].split()[0]) for row in found])
    assert np.max(np.abs(recovered - stars.meta["rv"])) < 0.02


def test_radial_velocity_up_to_a_sign():
    stars = synthetic(300, 17)
    stars.remove_columns(["u_published", "v_published", "w_published"])
    found = [row for row in audit(stars, FRAME) if row["check"] == "radial_velocity"]
    for row, rv in zip(found, stars.meta["rv"], strict=True):
        *pair, error = (float(x) for x in re.findall(r"-?[\d.]+(?!\w)", row["computed"]))
        assert min(abs(rv - either) for either in pair) < error + 0.06, row


def test_printed_radial_velocity_is_compared():
    stars = synthetic(300, 18)
    stars["rv"] = np.round(stars.meta["rv"], 1)
    assert not faults(audit(stars, FRAME, **LIMITS))
    stars["rv"][33] += 3
    found = faults(audit(stars, FRAME), "radial_velocity")
    assert list(found) == ["S0033"]


def test_misprinted_speed():
    stars = synthetic(300, 19)
    stars["v_sp_published"][5] += 10
    stars["v_sp_published"][6] += 3.21
    found = faults(audit(stars, FRAME))
    assert set(found) == {"S0005", "S0006"}
    assert "one printed digit" in found["S0005"]["note"]
    assert "one printed digit" not in found["S0006"]["note"]


def test_speed_below_the_tangential_one_needs_no_radial_velocity():
    stars = synthetic(300, 20)
    stars.remove_columns(["u_published", "v_published", "w_published"])
    assert not faults(audit(stars, FRAME))
    stars["v_sp_published"][8] = 1.0
    found = faults(audit(stars, FRAME))
    assert list(found) == ["S0008"] and found["S0008"]["computed"].startswith(">= ")


def test_thresholds():
    stars = synthetic(100, 21)
    stars["v_sp_published"][3] = 32.9
    assert "S0003" in faults(audit(stars, FRAME, v_sp_min=43, v_tan_min=33), "threshold")
    assert "S0003" in faults(audit(stars[["star", "v_sp_published"]], FRAME, v_sp_min=43))
    assert not faults(audit(stars, FRAME), "threshold")


def ids_of(stars):
    return faults(audit(stars["star", "ra", "dec", "pmra", "pmdec", "source_id"], FRAME))


def test_bad_source_ids():
    stars = synthetic(200, 22)
    ids = [str(i) for i in stars["source_id"]]
    ids[0] = str(int(ids[0]) + (5000 << 35))
    ids[1] = ids[1] + "0"
    ids[2] = ids[2][:3] + ids[2][4:]
    ids[3] = "not known"
    ids[4] = ""
    ids[5] = "Gaia DR3 " + ids[5]
    stars["source_id"] = ids
    assert set(ids_of(stars)) == {"S0000", "S0001", "S0002", "S0003"}
    stars["source_id"] = MaskedColumn(ids, mask=[i < 4 for i in range(200)])
    assert not ids_of(stars)


def test_source_id_as_integer_or_float():
    stars = synthetic(50, 23)
    stars["source_id"] = np.array([int(i) for i in stars["source_id"]], dtype=np.int64)
    assert not ids_of(stars)
    stars["source_id"] = stars["source_id"].astype(float)
    assert set(ids_of(stars)) == {"(table)"}


def test_source_id_keeps_the_pixel_of_another_epoch():
    healpix = HEALPix(4096, order="nested")
    ra, dec = 120.0 + np.arange(4000) / 36000, np.full(4000, 20.0)  # a row of steps of 0.1 arcsec
    pixels = healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg)
    edge = np.flatnonzero(np.diff(pixels))[0]
    for arcsec, moves in ((2.0, True), (8.0, False)):
        away = edge + 1 + round(arcsec * 10)
        stars = Table(
            {
                "star": ["a", "b"], "ra": [ra[away], 10.1234], "dec": [20.0, 10.1234],
                "pmra": [100.0, 0.0], "pmdec": [0.0, 0.0],
                "source_id": [str(int(pixels[edge]) << 35), ""],
            }
        )  # fmt: skip
        assert pixels[away] != pixels[edge]
        assert bool(ids_of(stars)) is not moves


def test_repeated_ids_and_names():
    stars = synthetic(50, 24)
    stars["name"][9], stars["name"][30] = "", ""
    stars["name"][31] = stars["name"][40].lower()
    stars["source_id"][2] = stars["source_id"][3]
    found = audit(stars, FRAME)
    assert set(faults(found, "name_repeated")) == {"S0031", "S0040"}
    assert set(faults(found, "source_id_repeated")) == {"S0002", "S0003"}
    assert set(faults(found, "source_id")) == {"S0002"}


def test_equal_labels_against_chance():
    stars = synthetic(3000, 25)
    stars["teff"] = np.round(stars["teff"], -2)
    row = the_note(audit(stars, FRAME), "labels")
    pairs, expected = map(float, re.match(r"(\d+) pairs; (\S+) expected", row["note"]).groups())
    # drawn independently: the estimate must be that of the pairs found
    assert abs(pairs - expected) < 3 * np.sqrt(expected) and pairs > 3
    stars = synthetic(1000, 26)
    stars["teff"][:4], stars["logg"][:4], stars["mh"][:4] = 16119, 4.1, -0.5
    row = the_note(audit(stars, FRAME), "labels")
    pairs, expected = map(float, re.match(r"(\d+) pairs; (\S+) expected", row["note"]).groups())
    assert pairs >= 6 and expected < 2


def test_grid_flags():
    stars = synthetic(300, 27)
    row = int(np.flatnonzero(stars["inside_grid_published"])[0])
    stars["mh"][row] = -0.6  # on the limit
    assert not faults(audit(stars, FRAME, box=BOX))
    stars["mh"][row] = -0.7
    assert list(faults(audit(stars, FRAME, box=BOX))) == [stars["star"][row]]
    assert not faults(audit(stars, FRAME))


def test_each_column_may_be_missing():
    stars = synthetic(60, 28)
    for name in stars.colnames:
        if name != "star":
            box = {key: limits for key, limits in BOX.items() if key != name}
            fewer = stars[[column for column in stars.colnames if column != name]]
            found = audit(fewer, FRAME, box=box, v_sp_min=43.0, v_tan_min=33.0)
            assert not faults(found), name
            needing = found.meta["checks_skipped"]
            assert all(name in why for why in needing.values())
    found = audit(stars[["star"]], FRAME)
    assert len(found) == 0 and not found.meta["checks_run"]
    assert [found[name].dtype.kind for name in found.colnames] == ["U"] * 6


def test_missing_values_are_passed_over():
    stars = synthetic(200, 29)
    for name in DIGITS:
        stars[name] = MaskedColumn(stars[name], mask=np.arange(200) == 17)
    stars["parallax"][18] = -0.1
    found = faults(audit(stars, FRAME, **LIMITS))
    assert not found


def test_bad_input_is_one_clear_line():
    stars = synthetic(10, 30)
    with pytest.raises(ValueError, match="^audited table: expected a column star"):
        audit(stars[["ra", "dec"]], FRAME)
    twice = stars.copy()
    twice["star"][1] = twice["star"][0]
    with pytest.raises(ValueError, match="column star: S0000 occurs more than once"):
        audit(twice, FRAME)
    with pytest.raises(ValueError, match="no column fe_h"):
        audit(stars, FRAME, box={"fe_h": (-1, 1)})
    words = stars.copy()
    words["ra"] = ["12h"] * 10
    with pytest.raises(ValueError, match="^column ra: expected numbers"):
        audit(words, FRAME)
    words = stars.copy()
    words["inside_grid_published"] = ["I"] * 10
    with pytest.raises(ValueError, match="^column inside_grid_published"):
        audit(words, FRAME, box=BOX)


def test_summary_is_valid_markup_and_survives_a_file(table_a1, tmp_path):
    from docutils.core import publish_doctree

    found = audit(table_a1, FRAME, **LIMITS)
    text = summary(found)
    # any warning raises
    tree = publish_doctree(text, settings_overrides={"halt_level": 2, "report_level": 5})
    assert "d |sin b| + z0" in tree.astext()
    assert all(len(line) < 10000 for line in text.splitlines())
    found.write(tmp_path / "audit.ecsv")
    assert summary(Table.read(tmp_path / "audit.ecsv")) == text


@pytest.mark.parametrize(
    "said",
    [
        "HD1_",
        "http://example.org/",
        "a@example.org",
        "`x <javascript:alert(1)>`_",
        "x\n\n.. raw:: html\n\n   <script>alert(1)</script>\n",
        "x\n\n.. include:: /etc/hostname\n",
        "**HD1**",
    ],
)
def test_nothing_in_a_table_is_a_link_or_markup(table_a1, said):
    from docutils.core import publish_parts

    found = audit(table_a1, FRAME, **LIMITS)
    found["star"], found["note"] = found["star"].astype(object), found["note"].astype(object)
    found["star"][0] = found["note"][1] = said
    page = publish_parts(summary(found), writer="html5")["body"]
    assert "<a " not in page and "<script" not in page and "<strong>HD1" not in page
    assert " ".join(said.split()) in html.unescape(page)


def test_summary_of_a_clean_table():
    text = summary(audit(synthetic(100, 31), FRAME, **LIMITS))
    assert "100 stars; 0 faults" in text


def test_summary_shortens_long_lists():
    stars = synthetic(100, 32)
    stars["vsini"] = 0
    text = summary(audit(stars[["star", "vsini"]], FRAME))
    assert "S0059 and 40 more" in text and "S0060" not in text


def test_printed_decimals():
    assert decimals([1.0, 2.5, np.nan]) == 1
    assert decimals([41.4488, 74.162]) == 4
    assert half_unit([16119, 4000]) == 0.5
    assert decimals([1 / 3]) == 10


def test_one_digit_apart():
    assert one_digit_apart(65.77, 75.7749, 0.01, 2)
    assert not one_digit_apart(116.26, 125.04, 0.01, 2)
    assert not one_digit_apart(65.77, 65.78, 0.02, 2)  # no more than rounding
    assert one_digit_apart(-3.5, -8.5, 0.05, 1)
