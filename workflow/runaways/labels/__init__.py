"""Teff, log g, [M/H] and v sin i from spectra: the fit, instruments joined, whose count."""
