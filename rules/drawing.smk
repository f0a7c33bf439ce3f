# What the rules of figures share.

STYLE = ours("workflow/runaways/figures/paper.mplstyle")

# what a figure of a star's orbit is drawn with, and what it says of the star
MEASURED = ["run", "frame", "distance.method", "errors", "orbits.age"]


# figures that share a caption
CAPTIONS = {"figure_4": "orbits", "figure_5": "orbits"}
CAPTIONS |= {"figure_6": "encounter", "figure_7": "encounter"}


def drawn(stem, category="Figures", caption=None):
    """A figure as PDF and PNG, that one in the report under the caption of its name."""
    caption = f"../workflow/report/{caption or Path(stem).name}.rst"
    return [f"{stem}.pdf", report(f"{stem}.png", category=category, caption=caption)]


def drawn_stars(wildcards):
    """Stars of a figure of the configuration, or the one on demand."""
    figure = wildcards.get("figure")
    return config["figures"][figure] if figure else [wildcards.star]


def drawn_pair(wildcards):
    """Star and cluster of a figure of the configuration, or those on demand."""
    figure = wildcards.get("figure")
    pair = config["figures"][figure] if figure else dict(wildcards.items())
    if not pair:
        raise WorkflowError(f"figures.{figure}: empty, expected a star and a cluster")
    return pair


def of_pair(wildcards, name):
    return f"results/{RUN}/stars/{layout.pair_folder(drawn_pair(wildcards))}/{name}"
