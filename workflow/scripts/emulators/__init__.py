"""Scripts that gather training spectra and learn from them."""
