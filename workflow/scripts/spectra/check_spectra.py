"""Which star each file of spectra belongs to, and what its header says."""

import logging
from pathlib import Path

from astropy.table import vstack

import caches
from layout import list_folder
from runaways import tables
from runaways.spectra import file_index
from scripts.job import arguments, in_unit, stamp
from scripts.stars.listed import whole_list


def main():
    args = arguments(__doc__, "list", "rows", "out", lists=["folders"])
    stars, _ = whole_list(args, args.cfg["distance.method"])
    radius = in_unit(args.cfg["spectra.radius"], "arcsec")
    # Snakemake has read the headers before any job
    remembered = Path(args.out).parent.glob("spectra_?rs.json")
    headers = {k: v for path in remembered for k, v in caches.load(path).get("headers", {}).items()}
    found = [file_index.index_changed(list_folder(folder), headers)[0] for folder in args.folders]
    out = file_index.match_files(vstack(found), stars, radius)
    out.remove_column("snr_header")
    out.rename_column("separation", "file_separation")
    out["obsid"] = out["obsid"].astype(str)
    tables.write(out, args.out, "spectra_files", **stamp(args))
    logging.info("%d files, %d of a star of the list", len(out), (out["star"] != "").sum())


main()
