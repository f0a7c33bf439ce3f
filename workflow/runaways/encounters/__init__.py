"""Stars and clusters that met: closest approaches, chance, evidence, verdicts."""
