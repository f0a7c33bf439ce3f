"""Synthetic spectra in LTE, the stand-in for TLUSTY."""
