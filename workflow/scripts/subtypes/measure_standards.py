"""Measure the equivalent widths of the MK standards that the subtypes rest on.

    python -m scripts.subtypes.measure_standards <MKCLASS libr18 folder> \
        resources/mk_standards_equivalent_widths.ecsv

The spectra are Gray & Corbally's (2014, AJ 147, 80) and are not part of this repository.
"""

import argparse

from runaways.subtypes.standards import measure_standards, read_library


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", help="folder of tTTTlLLp00.rbn files (libr18)")
    parser.add_argument("table", help="ECSV file to write")
    parser.add_argument("--resolving-power", type=float, default=1800.0)
    parser.add_argument(
        "--max-code", type=float, default=40.0, help="coolest MKCLASS temperature code (40 = K7)"
    )
    arguments = parser.parse_args()
    standards = read_library(arguments.library, arguments.max_code)
    table = measure_standards(standards, arguments.resolving_power)
    table.write(arguments.table, format="ascii.ecsv", overwrite=True)


if __name__ == "__main__":
    main()
