"""Where runaway stars come from: one package for each stage, in the order of the data."""
