"""What users take away: the catalogue, its exports, the scoreboard against the paper."""
