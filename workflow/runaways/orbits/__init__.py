"""Orbits traced back: galpy fenced off, birthplaces, the horizon of a traceback, the disk."""
