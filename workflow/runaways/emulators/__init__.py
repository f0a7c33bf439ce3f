"""From a grid of model spectra to a regression for each pixel."""
