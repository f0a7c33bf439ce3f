"""Scripts that trace orbits back."""
