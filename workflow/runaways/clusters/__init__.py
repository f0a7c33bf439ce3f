"""Clusters: catalogues read and merged, and their orbits with errors drawn."""
