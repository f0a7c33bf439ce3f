"""What all figures share: widths, style, how they are saved.

Figures are made without pyplot, on the Agg canvas: no display, no state between two figures.
"""

import logging
from pathlib import Path
from textwrap import wrap

import matplotlib
import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# One and two columns of Astronomy & Astrophysics, author's guide, Sect. 3.4 [mm]
COLUMN, PAGE = 88.0, 180.0
MM_PER_INCH = 25.4
NOTE_SIZE, NOTE_LINE = 6, 2.6  # points, mm
LETTERS_PER_MM = 1.05  # of a note, as wide as they come


def use_style(path):
    """Draw what follows in a style, whatever the user's own matplotlibrc says.

    Parameters
    ----------
    path : str or Path
        A matplotlib style file.
    """
    matplotlib.style.use(["default", str(path)])


def new_figure(width, height, notes=()):
    """An empty figure.

    Parameters
    ----------
    width, height : float
        [mm], without the notes.
    notes : sequence of str
        What the figure rests on that nobody measured: stand-ins, assumed errors, inferred radial
        velocities. Each begins a line in a strip below.

    Returns
    -------
    Figure
    """
    lines = [line for note in notes for line in wrap(note, int(LETTERS_PER_MM * width))]
    strip = NOTE_LINE * len(lines) + 1.0 if lines else 0.0
    height += strip
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    FigureCanvasAgg(figure)
    if lines:
        figure.get_layout_engine().set(rect=(0, strip / height, 1, 1 - strip / height))
    look = {"ha": "left", "va": "bottom", "fontsize": NOTE_SIZE, "color": "#B00000"}
    for i, line in enumerate(reversed(lines)):
        figure.text(1.0 / width, (0.5 + NOTE_LINE * i) / height, line, **look)
    return figure


def place(star):
    """Where a star is on the sky, as titles have it.

    Parameters
    ----------
    star : mapping
        ``ra``, ``dec`` [deg].

    Returns
    -------
    str
    """
    return f"RA {star['ra']:.4f}, Dec {star['dec']:+.4f}".replace("-", "\N{MINUS SIGN}")


def save(figure, paths, **stamp):
    """Save a figure; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
    paths : list of str or Path
        .pdf and .png.
    **stamp
        Provenance, kept in the file's description.
    """
    said = "; ".join(f"{key}: {value}" for key, value in stamp.items())
    metadata = {
        ".pdf": {"Subject": said, "CreationDate": None},
        ".png": {"Description": said},
    }
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs every letter that it embeds
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata=metadata[path.suffix])
