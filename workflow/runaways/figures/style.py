"""What all figures share: widths, style, how they are saved.

Figures are made without pyplot, on the Agg canvas: no display, no state between two figures.
"""

import logging
from pathlib import Path

import matplotlib
import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# One and two columns of Astronomy & Astrophysics, author's guide, Sect. 3.4 [mm]
COLUMN, PAGE = 88.0, 180.0
MM_PER_INCH = 25.4
STAND_IN_STRIP = 3.0  # mm


def use_style(path):
    """Draw what follows in a style, whatever the user's own matplotlibrc says.

    Parameters
    ----------
    path : str or Path
        A matplotlib style file.
    """
    matplotlib.style.use(["default", str(path)])


def new_figure(width, height, stand_in=""):
    """An empty figure.

    Parameters
    ----------
    width, height : float
        [mm].
    stand_in : str
        What its products were made with in place of the real thing; drawn in a strip below.

    Returns
    -------
    Figure
    """
    height += STAND_IN_STRIP if stand_in else 0.0
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    FigureCanvasAgg(figure)
    if stand_in:
        low = STAND_IN_STRIP / height
        figure.get_layout_engine().set(rect=(0, low, 1, 1 - low))
        look = {"ha": "right", "va": "bottom", "fontsize": 6, "color": "#B00000"}
        figure.text(0.995, 0.2 * low, f"made with a stand-in: {stand_in}", **look)
    return figure


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
