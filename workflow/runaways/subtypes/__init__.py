"""Spectral subtypes: line indices against MK standards, and their posterior."""
