"""Tables that people bring: any format, the usual names and units, every value checked."""
