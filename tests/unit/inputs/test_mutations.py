"""Some of the damaged files of `make faults`: read rightly or refused, never a traceback."""

from faults import mutations


def test_damaged_files_are_read_rightly_or_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts, faults = mutations.run(162, seed=1)
    assert not faults, faults[:5]
    assert sum(counts.values()) == 162 and not list(tmp_path.iterdir())
