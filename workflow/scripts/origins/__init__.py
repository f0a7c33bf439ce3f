"""Scripts that tell dynamical ejection from supernova."""
