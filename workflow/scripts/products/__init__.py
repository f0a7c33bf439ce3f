"""Scripts that make the catalogue, its exports and the scoreboard."""
