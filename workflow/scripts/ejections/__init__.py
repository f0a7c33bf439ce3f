"""Scripts that find where, when and how fast the stars were ejected."""
