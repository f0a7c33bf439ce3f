"""What is known of a star: list, Gaia ids, astrometry, distances, velocities, draws of errors."""
