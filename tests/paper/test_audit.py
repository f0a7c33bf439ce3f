"""The audit against what Table A.1 of Guo et al. 2025 is known to contain."""

import re

import numpy as np
import pytest

from runaways.audit.checks import audit, summary
from runaways.frames import Frame

# Guo et al. 2025, Sect. 3.4 (R0, Vc, Sun's motion) and 3.3 (limits of the grid), Sect. 2
FRAME = Frame(r0=8.5, v_circ=220.0, v_sun=(11.10, 12.24, 7.25), z_sun=0.0208)
BOX = {"teff": (7000.0, 49000.0), "logg": (0.55, 4.52), "mh": (-0.6, 0.6)}


@pytest.fixture
def found(table_a1):
    return audit(table_a1, FRAME, box=BOX, v_sp_min=43.0, v_tan_min=33.0)


@pytest.fixture
def pick(table_a1, found):
    """Findings of a check with the right ascension of their stars, in the table's order."""
    ra = {str(row["star"]): float(row["ra"]) for row in table_a1}

    def rows(check, severity):
        keep = [(r["check"], r["severity"]) == (check, severity) for r in found]
        return [(ra.get(row["star"]), row) for row in found[np.array(keep)]]

    return rows


def test_distance_is_inverse_parallax_for_every_row(pick):
    [(_, row)] = pick("distance", "note")
    assert row["computed"] == "1/parallax"
    assert "45 of 45 rows" in row["note"]
    zero_point, error = map(float, re.search(r"is (\S+) \+- (\S+) uas", row["note"]).groups())
    # the zero point of Gaia DR3, some -30 uas, was not applied
    assert abs(zero_point) < 3 * error < 5


def test_r0_behind_x(pick):
    [(_, row)] = pick("x", "note")
    r0, error = map(float, re.search(r"r0 = (\S+) \+- (\S+) kpc", row["computed"]).groups())
    assert r0 == pytest.approx(8.27, abs=0.003)
    assert error < 0.001
    assert "differs from the stated" in row["note"]
    assert not pick("x", "fault") and not pick("y", "fault") and not pick("z", "fault")


def test_z_lost_its_sign_for_the_19_southern_stars(table_a1, pick):
    from astropy.coordinates import SkyCoord

    latitude = SkyCoord(table_a1["ra"], table_a1["dec"]).galactic.b.deg
    lost = pick("z_sign", "fault")
    assert [ra for ra, _ in lost] == list(table_a1["ra"][latitude < 0])
    assert len(lost) == 19
    assert lost[0][1]["printed"] == "0.23 kpc" and lost[0][1]["computed"] == "-0.19 kpc"
    [(_, row)] = pick("z", "note")
    assert "d |sin b| + z0" in row["note"]
    height = float(re.search(r"z_sun = (\S+) ", row["computed"])[1])
    assert height == pytest.approx(0.021, abs=0.001)


def test_foreign_vectors_are_those_of_the_20_slow_rows(table_a1, pick):
    foreign = [ra for ra, _ in pick("vector", "fault")]
    assert len(foreign) == 20
    assert foreign == list(table_a1["ra"][table_a1["v_sp_published"] < 43])


def test_velocity_added_to_the_vectors(pick):
    [(_, row)] = pick("vector", "note")
    added = [float(x) for x in re.findall(r"(-?[\d.]+) \+-", row["computed"])]
    assert added == pytest.approx([11.10, 220 + 12.24, 7.25], abs=0.01)
    assert "25 rows agree" in row["note"]


def test_one_foreign_vector_has_its_star_in_the_table(table_a1, pick):
    owner = str(table_a1["star"][np.isclose(table_a1["ra"], 74.1620)][0])
    whose = {ra: row["note"] for ra, row in pick("vector", "fault")}
    assert f"it is that of {owner}: residual 0.00" in whose[19.5998]
    assert "RV = 13.66 km/s, which also gives that star's V_Sp" in whose[19.5998]
    others = [note for ra, note in whose.items() if ra != 19.5998]
    assert all("nor is it that of another row" in note for note in others)


def test_radial_velocities_are_recovered(table_a1, pick):
    rows = {ra: row for ra, row in pick("radial_velocity", "note")}
    assert len(rows) == 45 and not pick("radial_velocity", "fault")
    slow = table_a1["v_sp_published"] < 43
    for ra in table_a1["ra"][~slow]:
        assert rows[ra]["note"] == "recovered from U, V, W"
    assert rows[106.4899]["computed"] == "92.74 +- 0.01 km/s"
    # one of the two for RA 74.162 is the one its own vector gives, printed in another row
    assert rows[74.162]["computed"].startswith("13.66 or -3.76 ")
    signs = [rows[ra]["note"] for ra in table_a1["ra"][slow]]
    assert signs.count("known up to a sign from V_Sp") == 19
    # V_Sp = 24.63 and V_tan = 24.65: equal to rounding, no radial velocity left
    assert rows[19.5998]["note"].startswith("V_Sp is V_tan")


def test_misprinted_speeds(pick):
    rows = {ra: row for ra, row in pick("speed", "fault")}
    assert len(rows) == 25 - 17
    assert (rows[68.3573]["printed"], rows[68.3573]["computed"]) == ("65.77 km/s", "75.77 km/s")
    assert "one printed digit" in rows[68.3573]["note"]
    assert "less than the tangential velocity" in rows[68.3573]["note"]
    feige_98 = float(rows[219.5657]["computed"].split()[0])
    assert feige_98 - 116.26 == pytest.approx(8.8, abs=0.05)
    assert "one printed digit" not in rows[219.5657]["note"]


def test_speeds_were_made_with_another_r0_than_x(pick):
    [(_, row)] = pick("speed", "note")
    assert float(re.search(r"r0 = (\S+) ", row["computed"])[1]) == pytest.approx(8.5, abs=0.02)
    assert "17 of 25 rows" in row["note"]


def test_five_bad_ids(pick):
    rows = {ra: row["note"] for ra, row in pick("source_id", "fault")}
    assert sorted(rows) == [19.5998, 87.9204, 102.2387, 106.4899, 117.6444]
    assert "20 digits, larger than any 64-bit id" in rows[87.9204]
    assert "17 digits" in rows[19.5998] and "a digit was lost" in rows[19.5998]
    assert "17 digits" in rows[102.2387] and "a digit was lost" in rows[102.2387]
    assert "3.4 arcmin" in rows[117.6444]
    assert [ra for ra, _ in pick("source_id_repeated", "fault")] == [99.5149, 106.4899]


def test_one_name_is_used_twice(pick):
    rows = pick("name_repeated", "fault")
    assert [ra for ra, _ in rows] == [81.4654, 102.2631]
    assert {row["printed"] for _, row in rows} == {"TYC 2949-616-1"}


def test_collapsed_labels(pick):
    rows = [row for ra, row in pick("labels", "note") if ra is not None]
    printed = [row["printed"] for row in rows]
    assert len(rows) == 11
    assert printed.count("16119 K / 4.1 dex / -0.5 dex") == 4
    assert printed.count("16010 K / 4.3 dex / -0.3 dex") == 3
    assert printed.count("17439 K / 4.0 dex / -0.6 dex") == 2
    assert printed.count("17946 K / 3.7 dex / -0.5 dex") == 2


def test_rotation_of_exactly_zero(pick):
    rows = pick("vsini", "note")
    assert "11 of the 39 flagged inside" in rows[0][1]["computed"]
    assert len(rows) == 1 + 12


def test_ten_flags_do_not_follow_the_stated_box(table_a1, pick):
    rows = pick("grid_flag", "fault")
    assert len(rows) == 10
    assert all(row["computed"].startswith("mh -") for _, row in rows)
    assert table_a1["inside_grid_published"].sum() - len(rows) == 29


def test_fourteen_rows_meet_neither_threshold(table_a1, pick):
    slow = [ra for ra, _ in pick("threshold", "fault")]
    assert len(slow) == 14
    inside = dict(zip(table_a1["ra"], table_a1["inside_grid_published"], strict=True))
    assert sum(inside[ra] for ra in slow) == 11
    # two more only if V_tan is what the table's own columns give
    assert [ra for ra, _ in pick("threshold", "note")] == [41.4488, 43.8182]


def test_findings_do_not_depend_on_the_order_of_the_rows(table_a1, found):
    order = np.random.default_rng(5).permutation(len(table_a1))
    again = audit(table_a1[order], FRAME, box=BOX, v_sp_min=43.0, v_tan_min=33.0)
    assert sorted(map(tuple, again)) == sorted(map(tuple, found))


def test_summary_tells_each_finding(found):
    text = summary(found).replace("\\", "")  # as docutils shows it
    for said in ("80 faults", "fault, 19 stars", "fault, 14 stars", "8.2697", "RV = 13.66 km/s"):
        assert said in text
