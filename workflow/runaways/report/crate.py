"""A run as a Process Run Crate: what was run, on which inputs, by which versions, what came out.

RO-Crate 1.1 (Soiland-Reyes et al. 2022, Data Science 5, 97) with the profile of the Workflow Run
RO-Crate group (Leo et al. 2024, PLoS ONE 19, e0309210), https://w3id.org/ro/wfrun/process/0.5.
"""

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
FORMATS = {
    "bib": "application/x-bibtex",
    "ecsv": "text/csv",
    "fits": "application/fits",
    "h5": "application/x-hdf5",
    "html": "text/html",
    "json": "application/json",
    "mrt": "text/plain",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "ReadMe": "text/plain",
    "tex": "text/x-tex",
    "vot": "application/x-votable+xml",
    "yaml": "application/yaml",
}
# RO-Crate asks for one; whoever publishes a run writes theirs
UNLICENSED = "Not stated. The inputs and packages below have licences of their own."


def metadata(record, tool, licences, inputs, products, began, ended):
    """What stands in ``ro-crate-metadata.json``.

    Parameters
    ----------
    record : dict
        ``run.yaml``.
    tool : dict
        This project's ``CITATION.cff``.
    licences : dict
        Package to its licence in words, empty where it says none.
    inputs, products : list of dict
        Files: ``name``, a path, of products below the run's folder; ``size`` [byte], ``sha256``;
        of inputs also ``licence``, an SPDX identifier or empty.
    began, ended : str
        ISO 8601.

    Returns
    -------
    dict
        JSON-LD.
    """
    packages = [
        {
            "@id": f"https://pypi.org/project/{name}/{version}/",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
            "url": f"https://pypi.org/project/{name}/{version}/",
            **({"license": licences[name]} if licences[name] else {}),
        }
        for name, version in record["packages"].items()
    ]
    software = {
        "@id": f"#{tool['title'].partition(':')[0]}",
        "@type": "SoftwareApplication",
        "name": tool["title"],
        "softwareVersion": tool["version"],
        "license": _licence(tool["license"]),
        "softwareRequirements": _refer(packages),
    }
    taken, made = [_input(file) for file in inputs], [_product(file) for file in products]
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run {record['run']}",
        "description": "One run of the workflow, or several in the same folder",
        "instrument": {"@id": software["@id"]},
        "object": _refer(taken),
        "result": _refer(made),
        "startTime": began,
        "endTime": ended,
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": PROFILE},
        "name": f"Origins of stars: run {record['run']}",
        "description": _description(record),
        "datePublished": ended,
        "license": UNLICENSED,
        "hasPart": _refer(made),
        "mentions": {"@id": action["@id"]},
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate"}
    profile["version"] = PROFILE.rpartition("/")[2]
    known = {file["licence"] for file in inputs if file["licence"]} | {tool["license"]}
    named = [
        {**_licence(name), "@type": "CreativeWork", "name": name, "description": f"SPDX: {name}"}
        for name in sorted(known)
    ]
    graph = [descriptor, root, profile, action, software, *taken, *made, *packages, *named]
    return {"@context": CONTEXT, "@graph": graph}


def _description(record):
    stand_ins = "".join(f" Stand-in: {said}." for said in record["stand_ins"].values() if said)
    return f"{record['stars']} stars, {record['failed']} of them failed.{stand_ins}"


def _refer(entities):
    return [{"@id": entity["@id"]} for entity in entities]


def _licence(name):
    return {"@id": f"https://spdx.org/licenses/{name}"}


def _input(file):
    """It lies outside the crate, where it is known by its checksum."""
    licence = {"license": _licence(file["licence"])} if file["licence"] else {}
    return _file(file) | {"@id": f"#sha256:{file['sha256']}", "@type": "CreativeWork"} | licence


def _product(file):
    suffix = file["name"].rpartition("/")[2].rpartition(".")[2]
    kind = FORMATS.get(suffix, "application/octet-stream")
    return _file(file) | {"@id": file["name"], "@type": "File", "encodingFormat": kind}


def _file(file):
    return {
        "name": file["name"],
        "contentSize": str(file["size"]),
        "sha256": file["sha256"],
    }
