"""Scripts that hold stars against clusters."""
