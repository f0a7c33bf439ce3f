"""What the rules declare: clear configuration errors, hashes that follow substance alone."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import layout
from contract import config as checks
from contract import hashes
from project import SCRIPTS
from runaways.clusters.cluster_list import designation
from scripts.job_server import LIBRARIES

ROOT = Path(__file__).parents[3]
LENGTH = "expected a number and a unit (pc or kpc)"


@pytest.fixture
def config(monkeypatch):
    monkeypatch.chdir(ROOT)
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text())


def test_the_papers_configuration_is_sound(config):
    checks.check_config(config)


def test_a_list_of_ones_own_gets_posterior_distances_in_a_modern_frame(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("stars.csv", "prior.csv"):
        (tmp_path / name).touch()
    config = {"run": "mine", "stars": "stars.csv"}
    checks.check_config(config)
    assert config["frame"]["preset"] == "gravity_2021" and not config["orbits"]["rescale"]
    assert config["distance"]["method"] == "edsd"
    assert config["distance"]["zero_point"] == "lindegren2021"
    with_prior = {"run": "mine", "stars": "stars.csv", "distance": {"prior": "prior.csv"}}
    checks.check_config(with_prior)
    assert with_prior["distance"]["method"] == "bailer_jones"


def test_a_potential_in_its_own_frame_is_sound(config):
    """Whatever the frame is called: 8.2 kpc and 233 km/s are McMillan's."""
    config["frame"] |= {"r0": "8.2 kpc", "v_circ": "233 km/s"}
    config["orbits"] |= {"potential": "McMillan17", "rescale": False}
    modern = {"name": "modern", "frame": {"preset": "gravity_2021"}, "potential": "Irrgang13I"}
    config["ejections"] = {"ensemble": [modern]}
    checks.check_config(config)
    # a preset of a variant is all of its frame, whatever the run's own spells out
    assert checks.variant_of(config, modern)["frame"] == {
        "preset": "gravity_2021",
        "printed": "kerr_lynden_bell_1986",
    }


@pytest.mark.parametrize(
    "change, message",
    [
        ({"disk": {"half_hight": "1 kpc"}}, "disk.half_hight: unknown key; did you mean 'half_h"),
        ({"disk": {"half_height": "0.5"}}, f"disk.half_height: '0.5', {LENGTH}"),
        ({"disk": {"half_height": "0.5 mas"}}, f"disk.half_height: '0.5 mas', {LENGTH}"),
        ({"frame": {"v_circ": 220}}, "frame.v_circ: 220, expected text with a unit"),
        ({"frame": {"preset": "iau"}}, "frame.preset: 'iau', expected one of gravity_2021, kerr"),
        (
            {"orbits": {"rescale": False}},
            "orbits.potential: MWPotential2014 was fitted with r0 = 8 kpc and v_circ = 220 km/s, "
            "not 8.5 kpc and 220 km/s; scaled to these it would have 0.0896 solMass/pc3 at the Sun "
            "instead of 0.1011 (-11%) and a vertical period of 87.1 Myr instead of 82",
        ),
        (
            {"ejections": {"ensemble": [{"name": "a", "rescale": False}]}},
            "ejections.ensemble.0: MWPotential2014 was fitted with",
        ),
        ({"orbits": {"potential": "MW"}}, "orbits.potential: 'MW', expected one of MWPotential"),
        ({"orbits": {"draws": 0}}, "orbits.draws: 0 is less than the minimum of 16"),
        ({"stars": "nowhere.csv"}, "stars: there is no file 'nowhere.csv'"),
        ({"disk": {"consistent_min": 0.9}}, "disk.consistent_min is above disk.confined_min"),
        ({"clusters": {"radius": "0.1 kpc"}}, "clusters.radius is above clusters.search_radius"),
        ({"clusters": {"catalogue": []}}, "clusters.catalogue: [] is not valid under any"),
        (
            {"figures": {"figure_6": {"star": "S"}}},
            "figures.figure_6: 'cluster' is a dependency of",
        ),
        ({"distance": {"method": "bailer_jones"}}, "distance.prior: missing, the distances asked"),
        ({"distance": {"prior": "no.csv"}}, "distance.prior: there is no file 'no.csv'"),
        ({"distance": {"edsd_length": "1"}}, "distance.edsd_length: '1', " + LENGTH),
        ({"bhb": {"catalogues": [{"file": "no.csv", "epoch": 2000}]}}, "bhb.catalogues.0.file: th"),
        ({"bhb": {"catalogues": [{"file": "no.csv"}]}}, "bhb.catalogues.0.epoch: missing"),
        ({"origins": {"v_sp": "fast"}}, "origins.v_sp: 'fast', expected "),
        ({"disk": {"half_height": "1-2 kpc"}}, "disk.half_height: '1-2 kpc', expected a number"),
        ({"run": "$(touch X)"}, "run: '$(touch X)', expected "),
        ({"run": "a\n"}, "run: 'a\\n', expected a text without '\\n'"),
        ({"stars": "-s.csv"}, "stars: '-s.csv', expected ./ before the -"),
        (
            {"figures": {"figure_4": ["{x}"]}},
            "figures.figure_4.0: '{x}', expected a text without '",
        ),
    ],
)
def test_a_wrong_configuration_is_one_clear_line(config, change, message):
    for key, value in change.items():
        config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
    with pytest.raises(checks.ContractError) as error:
        checks.check_config(config, "my.yaml")
    assert str(error.value).startswith(f"my.yaml: {message}")
    assert "\n" not in str(error.value)


def test_a_missing_key_is_named(config):
    del config["stars"]
    with pytest.raises(checks.ContractError, match="my.yaml: stars: missing"):
        checks.check_config(config, "my.yaml")


def test_canonical_settings_follow_substance(config):
    checks.check_config(config)
    before = hashes.canonical(config, "disk", "frame.r0")
    same = copy.deepcopy(config)
    same["disk"] = dict(reversed(list(same["disk"].items()))) | {"half_height": "0.50 kpc"}
    assert hashes.canonical(same, "disk", "frame.r0") == before
    swapped = copy.deepcopy(config)
    disk = swapped["disk"]
    disk["confined_min"], disk["consistent_min"] = disk["consistent_min"], disk["confined_min"]
    assert hashes.canonical(swapped, "disk", "frame.r0") != before


def test_a_quantity_is_one_by_the_schema_and_not_by_its_look(config):
    config["spectra"]["lrs"] = "2023 spectra"
    config["clusters"]["catalogue"] = ["1e3 pc"]
    config["origins"]["delay_des"] = ["0.0 Myr", "5e0 Myr"]
    text = hashes.canonical(config, "spectra.lrs", "clusters.catalogue", "origins.delay_des")
    assert json.loads(text) == {
        "spectra.lrs": "2023 spectra",
        "clusters.catalogue": ["1e3 pc"],
        "origins.delay_des": ["0.0 Myr", "5.0 Myr"],
    }


def path_keys(entry, above=()):
    """Keys of a schema that name files or folders; 0 for the items of a list."""
    for key, part in entry.get("properties", {}).items():
        yield from path_keys(part, (*above, key))
    for part in [entry.get("items", {}), *entry.get("oneOf", [])]:
        if part:
            yield from path_keys(part, above if "oneOf" in entry else (*above, 0))
    if entry.get("format") == "path":
        yield above


PATH_KEYS = sorted(set(path_keys(checks.schema())), key=str)


@pytest.mark.parametrize("key", PATH_KEYS, ids=lambda key: ".".join(map(str, key)))
def test_a_path_with_what_snakemake_reads_is_refused(config, key):
    checks.check_config(config)
    value = "a{star}.csv"
    for part in reversed(key):
        value = [value] if part == 0 else {part: value}
    if key[0] == "bhb":
        value["bhb"]["catalogues"][0]["epoch"] = 2000
    ((name, value),) = value.items()
    config[name] = config[name] | value if isinstance(value, dict) else value
    with pytest.raises(checks.ContractError) as error:
        checks.check_config(config, "my.yaml")
    where = ".".join(map(str, key))
    assert str(error.value) == f"my.yaml: {where}: 'a{{star}}.csv', expected a text without '{{'"


def test_shipped_files_are_found_from_elsewhere(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(checks.ContractError, match="there is no file"):
        checks.check_config(copy.deepcopy(config))
    checks.check_config(config, project=ROOT)
    assert config["stars"] == str(ROOT / "resources" / "guo2025_table_a1.ecsv")
    assert config["clusters"]["catalogue"][0] == "openngc"
    assert config["spectra"]["lrs"] == "stand-in"


def test_every_key_has_a_description():
    def walk(properties):
        for key, entry in properties.items():
            assert entry.get("description"), key
            walk(entry.get("properties", {}))

    walk(yaml.safe_load(checks.CONFIG_SCHEMA.read_text())["properties"])


# for each script a fork of a process that has imported nothing of this project: its name and its
# files of the project, one in a line
LOADED = """
import os, runpy, sys
from importlib import import_module

for name in sys.argv[1].split():
    import_module(name)
for script in sys.argv[2:]:
    if os.fork():
        assert os.wait()[1] == 0, script
        continue
    sys.argv = [script, "--help"]
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        runpy.run_module(f"scripts.{script.replace('/', '.')}", run_name="__main__")
    except SystemExit:
        pass
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    print(*(f"{script} {file}" for file in files), sep="\\n", file=out, flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def loaded():
    """Files of this project that Python loads for each script."""
    workflow = ROOT / "workflow"
    environment = {**os.environ, "PYTHONPATH": str(workflow), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-c", LOADED, " ".join(LIBRARIES), *SCRIPTS]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]
    found = {script: set() for script in SCRIPTS}
    for script, file in (line.split(" ", 1) for line in run.stdout.splitlines()):
        if file.startswith(str(workflow)):
            found[script].add(Path(file))
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_declared_modules_are_those_a_script_imports(script, loaded):
    """What the hash covers is what Python loads."""
    workflow, loaded = ROOT / "workflow", loaded[script]
    assert loaded
    declared = set(hashes.modules_of(script)[1:])
    # what star_list imports only for lists with Gaia ids, fetch_tracks by the source it is told, a
    # job that traces orbits where it has a table of forces
    lazy = ("stars/gaia_ids", "masses_ages/parsec", "masses_ages/sse", "masses_ages/cosmic")
    lazy += ("inputs/__init__", "inputs/files") if script == "masses_ages/fetch_tracks" else ()
    lazy += ("orbits/lanes", "orbits/dop853", "orbits/force_table")
    lazy = {workflow / "runaways" / f"{name}.py" for name in lazy}
    assert loaded <= declared
    assert declared - loaded <= lazy


def test_comments_and_docstrings_do_not_count(tmp_path, monkeypatch):
    script = tmp_path / "scripts" / "s.py"
    script.parent.mkdir()
    monkeypatch.setattr(hashes, "WORKFLOW", tmp_path)

    def forget():
        for known in (hashes.code, hashes._read, hashes._imports):
            known.cache_clear()

    def hashed(text):
        script.write_text(text)
        forget()
        return hashes.code("s")

    before = hashed('"""Doc."""\nx = 1  # one\n')
    assert hashed('"""Other."""\n\nx = (1)\n') == before
    assert hashed('"""Doc."""\nx = 2  # one\n') != before
    forget()


def test_more_draws_keep_the_chunks_there_are():
    few, many = layout.chunks(256, 64), layout.chunks(512, 64)
    assert few == many[:4] and len(many) == 8
    assert layout.chunks(100, 64) == ["0000000-0000064", "0000064-0000100"]


def test_a_pair_has_a_folder_of_its_own_in_any_spelling():
    """What `cluster_list.designation` finds again."""
    for cluster, folder in (("NGC 2236", "NGC_2236"), ("a/b c", "a_b_c")):
        pair = {"star": "S1", "cluster": cluster}
        assert layout.pair_folder(pair) == f"S1/pairs/{folder}"
        assert designation(folder) == designation(cluster)


def test_a_hypothesis_has_a_folder_that_no_other_has():
    """Any name of a star, and what of a cluster's a path or a rule could mistake."""
    for pair, folder in (
        ({"star": "A+1-2_b.c", "with_star": "B"}, "A+1-2_b.c,B"),
        ({"star": "A", "cluster": "B"}, "A@B"),
        ({"star": "A", "with_star": "B", "cluster": "a/b {c}"}, "A,B@a_b__c_"),
    ):
        assert layout.bodies_folder(pair) == folder


def test_links_to_folders_are_followed_and_go_round_once(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.fits").touch()
    (tmp_path / "lrs").mkdir()
    (tmp_path / "lrs" / "20131201").symlink_to(tmp_path / "disk")
    (tmp_path / "lrs" / "round").symlink_to(tmp_path / "lrs")
    assert layout.list_folder(tmp_path / "lrs") == [str(tmp_path / "lrs" / "20131201" / "a.fits")]


def test_batches_keep_order_and_lose_none():
    names = [f"S{i}" for i in range(7)]
    assert layout.batches(names, 1) == {name: [name] for name in names}
    assert list(layout.batches(names, 3).values()) == [names[:3], names[3:6], names[6:]]


def test_conda_environment_has_the_versions_of_the_lock_file():
    """If this fails, write the lock file's versions into envs/runaways.yaml."""
    lock = (ROOT / "requirements.lock").read_text()
    environment = yaml.safe_load((ROOT / "envs" / "runaways.yaml").read_text())
    *conda, _, pip = environment["dependencies"][1:]
    for entry in [*conda, *(line.replace("==", " =") for line in pip["pip"])]:
        name, wanted = entry.replace("matplotlib-base", "matplotlib").split(" =")
        assert f"\n{name}=={wanted} " in lock, entry


def test_no_rule_sets_retries():
    """In a rule they multiply with the profile's inside every SLURM job."""
    for path in (ROOT / "rules").glob("*.smk"):
        assert "retries:" not in path.read_text(), path


def test_what_is_known_of_a_file_is_not_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(hashes, "KNOWN", {})
    monkeypatch.setattr(hashes, "_KEYS", set())
    forget = [known.cache_clear for known in (hashes.code, hashes._read, hashes._imports)]
    [one() for one in forget]
    script = "orbits/trace_orbit"
    before = hashes.code(script)
    hashes.remember(tmp_path / "code.json")
    hashes.KNOWN.clear()
    [one() for one in forget]
    hashes.recall(tmp_path / "code.json")
    monkeypatch.setattr(hashes, "_tree", None)  # a file that is read would raise
    assert hashes.code(script) == before
