"""Data that a run can use, from the archives that have them; never unless asked."""
