"""Scripts that read and trace clusters."""
