"""Scripts that fit labels and say whose count."""
