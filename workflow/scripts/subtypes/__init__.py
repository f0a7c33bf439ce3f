"""Scripts that find spectral subtypes."""
