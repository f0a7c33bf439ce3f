"""Audit a published table: what its columns say about each other."""

import logging
from pathlib import Path

from docutils.core import publish_string

from runaways import audit, tables
from scripts.job import arguments, frame, in_unit, stamp


def main():
    args = arguments(__doc__, "stars", "audit", "page")
    stars = tables.read(args.stars, "stars")
    limits = {key: in_unit(text, "km / s") for key, text in args.cfg["selection"].items()}
    findings = audit.audit(stars, frame(args.cfg["frame"]), **limits)
    tables.write(findings, args.audit, "audit", **stamp(args))
    page = publish_string(audit.summary(findings), writer="html5")
    Path(args.page).write_bytes(page)
    logging.info("%d findings about %d stars", len(findings), len(stars))


main()
