"""TLUSTY's optical spectra, BSTAR2006 and OSTAR2002, an archive for each composition.

Lanz & Hubeny 2007 (2007ApJS..169...83L) and 2003 (2003ApJS..146..417L); the archives are described
at http://tlusty.oca.eu/Tlusty2002/tlusty-BS06.html and tlusty-OS02.html. Each has a spectrum
(``.vis.7``) and a continuum (``.vis.17``) for each model.
"""

import gzip
import json
import shutil
import tarfile
import time
import zlib
from pathlib import Path, PurePosixPath

from runaways.emulators.tlusty import check_heads, parse_tlusty_name
from scripts.fetch.asking import PATIENCE, PAUSE, FetchError, Session, now, patiently, sha256

TLUSTY = "http://tlusty.oca.eu/Tlusty2002/database"
# compositions that have an [M/H], from twice to a tenth of the Sun's; microturbulence [km/s]
GRIDS = {
    "bstar2006": ("BCvispec_v2 BGvispec_v2 BLvispec_v2 BSvispec_v2 BTvispec_v2".split(), 2.0),
    "ostar2002": ("OCvispec_v10 OGvispec_v10 OLvispec_v10 OSvispec_v10 OTvispec_v10".split(), 10.0),
}
BLOCK = 1 << 20  # bytes


def fetch_grid(folder, grid="bstar2006", url=TLUSTY, pause=PAUSE, patience=PATIENCE):
    """Spectra and continua, unpacked, as `emulators.tlusty` reads them.

    Parameters
    ----------
    folder : str or Path
        A folder below it for each composition. Beside it, ``<folder>.parts/`` has what is
        unfinished, and for each archive a record of what was asked and what came.
    grid : {"bstar2006", "ostar2002"}
    url : str
        Of the folder that has the archives.
    pause, patience : float
        After each archive, and for the next bytes [s].

    Returns
    -------
    list of str
        What is to be said.

    Raises
    ------
    FetchError
        No archive came, or what is in it is no such grid. What came of an archive is kept, and
        the same command goes on behind it.
    """
    names, microturbulence = GRIDS[grid]
    folder, parts = Path(folder), Path(f"{folder}.parts")
    folder.mkdir(parents=True, exist_ok=True)
    parts.mkdir(parents=True, exist_ok=True)
    n = 0
    for name in names:
        record = parts / f"{name}.json"
        if not _is_there(record, folder / name):
            _fetch_archive(f"{url}/{name}.tar", record, folder / name, microturbulence,
                           pause, patience)  # fmt: skip
        n += len(list((folder / name).glob("*.vis.7")))
    extra = "" if microturbulence == 2.0 else f", microturbulence: {microturbulence:g} km/s"
    return [f"{folder}: {n} models; labels: {{grid: {folder}/{extra}}}"]


def _is_there(record, folder):
    """Whether every file that was unpacked is still as it came."""
    if not record.exists():
        return False
    files = json.loads(record.read_text())["files"]
    paths = {name: folder / name for name in files}
    return all(p.exists() and sha256(p) == files[name] for name, p in paths.items())


def _fetch_archive(url, record, folder, microturbulence, pause, patience):
    archive = record.with_suffix(".tar")
    patiently(url, lambda: _download(url, archive, patience), pause)
    unpacked = record.with_suffix("")
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        _unpack(archive, unpacked)
        check_heads(unpacked, microturbulence)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        checksum = sha256(archive)
        archive.unlink()
        shutil.rmtree(unpacked, ignore_errors=True)
        said = str(error).replace(f"{unpacked}", archive.name)
        raise FetchError(
            f"{url}: no archive of spectra, or a damaged one, sha256 {checksum[:12]} ({said}); "
            "give the same command again to fetch it anew"
        ) from None
    files = {path.name: sha256(path) for path in sorted(unpacked.iterdir())}
    said = {"url": url, "date": now(), "sha256": sha256(archive), "files": files}
    shutil.rmtree(folder, ignore_errors=True)
    shutil.move(unpacked, folder)
    record.write_text(json.dumps(said, indent=1) + "\n")
    archive.unlink()
    time.sleep(pause)


def _download(url, archive, patience):
    """Bring an archive, going on behind what came before."""
    have = archive.stat().st_size if archive.exists() else 0
    with Session(patience) as session:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with session.get(url, headers=headers, stream=True) as answer:
            if have and answer.status_code == 416:  # nothing behind what came: it is whole
                return
            answer.raise_for_status()
            if "html" in answer.headers.get("Content-Type", ""):
                raise ValueError("a page of HTML in place of the archive")
            more = answer.status_code == 206
            with open(archive, "ab" if more else "wb") as file:
                for block in answer.iter_content(BLOCK):
                    file.write(block)
            expected = int(answer.headers.get("Content-Length", 0)) + (have if more else 0)
    got = archive.stat().st_size
    if got < expected or not got:
        raise ValueError(f"{got} of {expected} bytes came")


def _unpack(archive, folder):
    """Spectra and continua of an archive, plain; nothing else in it, and no path, is followed."""
    folder.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name).name.removesuffix(".gz")
            try:
                wanted = parse_tlusty_name(name)["band"] == "vis"
            except ValueError:
                continue
            if member.isfile() and wanted:
                content = tar.extractfile(member).read()
                content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
                (folder / name).write_bytes(content)
