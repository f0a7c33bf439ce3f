"""Archives on this machine, which fail in every way that archives do.

A server answers as its class says; the first of its ``faults`` is for the next request of data:
``time-out``, ``half``, ``HTML``, ``503``, ``empty``, ``cut``, ``changed``; or ``""`` for none.
"""

import gzip
import re
import tarfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import parse_qs

import numpy as np
from astropy.io.votable import from_table
from astropy.table import Table

from runaways.products.vo import write_votable

HTML = b"<html><body>We are down for maintenance</body></html>"


@contextmanager
def serving(archive, **about):
    """A server with ``url``, ``asked`` (queries, forms, ranges) and ``faults``."""
    with ThreadingHTTPServer(("127.0.0.1", 0), archive) as server:
        server.faults, server.asked, server.agents = [], [], set()
        server.url = f"http://127.0.0.1:{server.server_port}/{archive.path_to}"
        vars(server).update(about)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


class _Archive(BaseHTTPRequestHandler):
    path_to = ""

    def asked(self, what=None):
        """Note what was asked; the fault to be shown."""
        self.server.asked.append(what)
        self.server.agents.add(self.headers["User-Agent"])
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault == "time-out":
            time.sleep(0.5)
        return fault

    def form(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        return {name: values[0] for name, values in parse_qs(body).items()}

    def answer(self, content, kind, fault="", status=200, headers=()):
        """Send it; half of it breaks off behind its announced length."""
        if fault in ("HTML", "503"):
            content, kind, status = HTML, "text/html", 503 if fault == "503" else 200
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        try:
            self.wfile.write(content[: len(content) // 2] if fault == "half" else content)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *_):
        pass


class Tap(_Archive):
    """A TAP service whose tables ``server.table`` makes of a query."""

    path_to = "tap"

    def do_POST(self):
        query = self.form()["QUERY"]
        fault = self.asked(query)
        table = self.server.table(query)
        table = table[:0] if fault == "empty" else table
        if fault == "changed":
            table.rename_column(table.colnames[3 % len(table.colnames)], "another")
        text = BytesIO()
        write_votable(from_table(table), text)
        mark = b'<RESOURCE type="results">'
        content = text.getvalue().replace(mark, mark + b'<INFO name="QUERY_STATUS" value="OK"/>')
        if fault == "cut":
            over = b'</TABLE><INFO name="QUERY_STATUS" value="OVERFLOW"/>'
            content = content.replace(b"</TABLE>", over)
        self.answer(content, "application/x-votable+xml", fault)


class Cmd(_Archive):
    """The form of the CMD interface: a page that points to a file, and the file.

    ``server.isochrones`` makes the text of a metallicity.
    """

    path_to = "cgi-bin/cmd_3.7"

    def do_POST(self):
        form = self.form()
        fault = self.asked(form)
        self.server.shown = (form["isoc_metlow"], fault)
        page = b'<a href="../tmp/output123456789012.dat.gz">output123456789012.dat.gz</a>'
        if fault == "refused":
            page = b'<p class="errorwarning">Error: <b>[M/H]</b> is out of range</p>'
        self.answer(page, "text/html", "503" if fault == "503" else "")

    def do_GET(self):
        assert self.path == "/tmp/output123456789012.dat.gz"
        mh, fault = self.server.shown
        text = self.server.isochrones(float(mh) + 0.2 * (fault == "other"))
        if fault == "empty":
            text = "\n".join(line for line in text.splitlines() if line[0] == "#")
        if fault == "changed":
            text = text.replace("logTe", "Teff")
        if fault == "short":
            text = text[: len(text) // 2]
        self.answer(gzip.compress(text.encode()), "application/gzip", fault)


class Tlusty(_Archive):
    """A folder of archives, which gives any range of bytes; ``server.models`` makes their files."""

    path_to = "Tlusty2002/database"

    def do_GET(self):
        name = re.fullmatch(r"/Tlusty2002/database/(\w+)\.tar", self.path)[1]
        begin = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        fault = self.asked((name, begin))
        content = archive_of(name, self.server.models(name), fault)
        if begin >= len(content):
            return self.answer(b"", "text/plain", status=416)
        status = 206 if begin else 200
        self.answer(content[begin:], "application/x-tar", fault, status)


def archive_of(name, files, fault=""):
    """The bytes of a tar of gzipped files."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for file, text in files.items() if fault != "empty" else ():
            text = text.replace("\n", " 1.0\n") if fault == "changed" else text
            packed = gzip.compress(text.encode(), mtime=0)
            about = tarfile.TarInfo(f"{name}/{file}.gz")
            about.size = len(packed)
            tar.addfile(about, BytesIO(packed))
    return out.getvalue()


def gaia(query, sky=None):
    """What Gaia would have: the stars of `sky` that are asked for, else every id but 13."""
    from scripts.fetch.catalogues import DISTANCES, STAR_COLUMNS

    ids = re.search(r"IN \((.*?)\)", query)
    ids = [int(i) for i in ids[1].split(", ") if i != "13"] if ids else []
    if sky is None:
        sky = Table({"source_id": np.array(ids, np.int64), "ra": 10.0 + np.arange(len(ids))})
        sky["dec"] = 20.0
    asked = np.isin(sky["source_id"], ids)
    for ra, dec in re.findall(r"CIRCLE\('ICRS', ([\d.]+), ([-\d.]+)", query):
        asked |= np.hypot(sky["ra"] - float(ra), sky["dec"] - float(dec)) < 1e-3
    sky = sky[asked]
    table = Table({name: np.full(len(sky), 1.0) for name in STAR_COLUMNS + DISTANCES})
    table["astrometric_params_solved"] = 31  # five parameters, so that zero points are known
    table["phot_g_mean_mag"], table["nu_eff_used_in_astrometry"] = 12.0, 1.6
    table["r_med_geo"], table["r_lo_geo"], table["r_hi_geo"] = 1000.0, 900.0, 1200.0
    for name in [name for name in STAR_COLUMNS if name.endswith("_corr")]:
        table[name] = 0.1
    for name in sky.colnames:
        table[name] = sky[name]
    return table
