"""Scripts that draw the figures."""
