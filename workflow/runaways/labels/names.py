"""What labels and where they come from are called in the tables."""

LABELS = ("teff", "logg", "mh", "vsini")
ROTATION = ("vsini_lower", "vsini_upper", "vsini_limit", "vsini_is_limit")
LTE = "LTE catalogue"  # in labels_source
