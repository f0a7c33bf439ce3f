"""Scripts that read spectra and bring them to rest."""
