"""Audit a published table: what its columns say about each other."""

import logging
from pathlib import Path

import yaml
from docutils.core import publish_string

from runaways import tables
from runaways.audit import checks
from scripts.frame import printed_frame
from scripts.job import arguments, in_unit, stamp

# neither a table nor somebody's docutils.conf brings files or markup of its own into the page
TEXT_ONLY = {"raw_enabled": False, "file_insertion_enabled": False, "_disable_config": True}


def main():
    args = arguments(__doc__, "stars", "audit", "page", optional=["paper"])
    stars = tables.read(args.stars, "stars")
    names = ("v_sp_min", "v_tan_min")
    limits = {name: in_unit(args.cfg[f"selection.{name}"], "km / s") for name in names}
    stated = yaml.safe_load(Path(args.paper).read_text()) if args.paper else {}
    findings = checks.audit(stars, printed_frame(args.cfg["frame"]), stated.get("grid"), **limits)
    tables.write(findings, args.audit, "audit", **stamp(args))
    page = checks.summary(findings)
    page = publish_string(page, writer="html5", settings_overrides=TEXT_ONLY)
    Path(args.page).write_bytes(page)
    logging.info("%d findings about %d stars", len(findings), len(stars))


main()
