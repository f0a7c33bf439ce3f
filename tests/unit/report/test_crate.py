"""A run as an RO-Crate."""

from runaways.report import crate

RECORD = {
    "run": "mine",
    "stars": 2,
    "failed": 1,
    "packages": {"galpy": "1.11.0", "pyongc": "1.2"},
    "stand_ins": {"tracks": "SSE tracks", "spectra": ""},
}
TOOL = {"title": "runaway-origins: where they come from", "version": "0.1.0", "license": "MIT"}
INPUTS = [
    {"name": "my stars.csv", "size": 10, "sha256": "aa", "licence": "CC-BY-4.0"},
    {"name": "tracks.dat", "size": 20, "sha256": "bb", "licence": ""},
]
PRODUCTS = [
    {"name": "catalogue.ecsv", "size": 30, "sha256": "cc"},
    {"name": "models/emulator.npz", "size": 40, "sha256": "dd"},
]


def _graph():
    licences = {"galpy": "BSD", "pyongc": ""}
    times = "2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00"
    found = crate.metadata(RECORD, TOOL, licences, INPUTS, PRODUCTS, *times)
    return {entity["@id"]: entity for entity in found["@graph"]}


def _references(value):
    if isinstance(value, dict):
        yield from [value["@id"]] if set(value) == {"@id"} else _references(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_whatever_is_referred_to_is_described():
    graph = _graph()
    named = set(_references([entity for entity in graph.values()]))
    assert named - set(graph) == {"https://w3id.org/ro/crate/1.1"}  # the specification itself


def test_the_run_links_inputs_versions_and_products():
    graph = _graph()
    run = graph["#run"]
    taken = [graph[reference["@id"]] for reference in run["object"]]
    assert [(file["name"], file["sha256"]) for file in taken] == [
        ("my stars.csv", "aa"),
        ("tracks.dat", "bb"),
    ]
    assert taken[0]["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert "license" not in taken[1]
    made = [reference["@id"] for reference in run["result"]]
    assert made == ["catalogue.ecsv", "models/emulator.npz"]
    assert graph["./"]["description"] == "2 stars, 1 of them failed. Stand-in: SSE tracks."
    assert graph["./"]["hasPart"] == run["result"] and graph["catalogue.ecsv"]["sha256"] == "cc"
    tool = graph[run["instrument"]["@id"]]
    packages = [graph[reference["@id"]] for reference in tool["softwareRequirements"]]
    versions = {package["name"]: package["softwareVersion"] for package in packages}
    assert versions == RECORD["packages"] and tool["softwareVersion"] == "0.1.0"
    assert [package.get("license") for package in packages] == ["BSD", None]
