"""Scripts that say which stars are runaways."""
