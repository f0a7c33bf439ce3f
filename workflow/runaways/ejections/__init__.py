"""Where, when and how fast a star was ejected: one posterior over all its possible sources."""
