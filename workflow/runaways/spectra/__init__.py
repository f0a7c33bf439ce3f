"""From files of spectra to one spectrum at rest; grids of spectra, broadening, continuum."""
