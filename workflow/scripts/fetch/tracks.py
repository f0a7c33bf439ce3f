"""PARSEC isochrones by the form of the CMD web interface, a file for each metallicity.

The form's fields are those that public code sends, such as ezpadova
(https://github.com/mfouesneau/ezpadova) and query_isochrone
(https://github.com/syrte/query_isochrone). The version is that whose files `parsec` reads.
"""

import gzip
import re
import time
from pathlib import Path
from urllib.parse import urljoin

import numpy as np

from runaways.masses_ages.parsec import TrackFileError, read_parsec_file
from scripts.fetch.asking import PATIENCE, PAUSE, FetchError, Session, is_there, keep, patiently

CMD = "http://stev.oapd.inaf.it/cgi-bin/cmd_3.7"
# [M/H] of a file: the forests' box of Guo et al. 2025, and the stars poorer in metals
METALLICITIES = (-1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
FORM = {
    "cmd_version": "3.7",
    "track_parsec": "parsec_CAF09_v1.2S",
    "track_colibri": "no",
    "track_postagb": "no",
    "eta_reimers": "0.2",
    "kind_interp": "1",
    "photsys_file": "YBC_tab_mag_odfnew/tab_mag_gaiaEDR3.dat",
    "photsys_version": "YBCnewVega",
    "dust_sourceM": "dpmod60alox40",
    "dust_sourceC": "AMCSIC15",
    "extinction_av": "0.0",
    "extinction_coeff": "constant",
    "extinction_curve": "cardelli",
    "imf_file": "tab_imf/imf_kroupa_orig.dat",
    "isoc_isagelog": "1",  # 83 isochrones; the form gives 400 at most
    "isoc_lagelow": "6.0",
    "isoc_lageupp": "10.1",
    "isoc_dlage": "0.05",
    "isoc_ismetlog": "1",
    "isoc_metupp": "0.5",
    "isoc_dmet": "0.0",  # one metallicity, isoc_metlow
    "output_kind": "0",
    "output_evstage": "1",
    "output_gzip": "1",
    "submit_form": "Submit",
}
NEAR = 0.03  # dex, of what was asked for; assumed: a tenth of the step


def fetch_tracks(folder, url=CMD, metallicities=METALLICITIES, pause=PAUSE, patience=PATIENCE):
    """PARSEC 1.2S isochrones, as `masses_ages.parsec` reads them.

    Parameters
    ----------
    folder : str or Path
        A file for each metallicity; beside each, ``.json`` says what was asked.
    url : str
        Of the form.
    metallicities : sequence of float
        [M/H].
    pause, patience : float
        After each file, and for an answer [s].

    Returns
    -------
    list of str
        What is to be said.

    Raises
    ------
    FetchError
        No file came, it is no table of isochrones, or it is of another metallicity.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for mh in metallicities:
        path, form = folder / f"mh{mh:+.2f}.dat", FORM | {"isoc_metlow": f"{mh:g}"}
        if not is_there(path, form):
            _fetch_file(url, form, path, mh, pause, patience)
    return [
        f"{folder}: isochrones of {len(metallicities)} metallicities; "
        f"tracks: {{source: parsec, files: [{folder}/]}}"
    ]


def _fetch_file(url, form, path, mh, pause, patience):
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(patiently(url, lambda: _answer(url, form, patience), pause))
    try:
        table = read_parsec_file(unfinished)
    except TrackFileError as error:
        unfinished.unlink()
        said = str(error).replace(f"{unfinished}: ", "")
        raise FetchError(
            f"{url}: [M/H] {mh:g}: {said}; give the same command again to go on"
        ) from None
    found = float(np.median(table["mh"]))
    if abs(found - mh) > NEAR:
        unfinished.unlink()
        raise FetchError(f"{url}: asked for [M/H] {mh:g}, got {found:g}: the form has changed")
    keep(unfinished, path, url, form, len(table))
    time.sleep(pause)


def _answer(url, form, patience):
    """The file that the form's page points to."""
    with Session(patience) as session:
        page = session.post(url, data=form)
        page.raise_for_status()
        link = re.search(r"""[^"'\s<>=]*output\d+\.dat(?:\.gz)?""", page.text)
        if not link:
            said = re.search(r"errorwarning[^>]*>(.*?)</p>", page.text, re.DOTALL)
            if said:
                words = " ".join(re.sub("<[^>]+>", " ", said[1]).split())
                raise FetchError(f"{url}: refused the form: {words[:200]}")
            raise ValueError("the page names no file of isochrones")
        file = session.get(urljoin(url, link[0]))
        file.raise_for_status()
    content = file.content
    content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    if not content.startswith(b"#"):
        raise ValueError(f"no isochrones: {content[:40].decode('latin-1')!r}")
    return content
