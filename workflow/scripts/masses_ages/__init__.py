"""Scripts that train on stellar tracks and give masses and ages."""
