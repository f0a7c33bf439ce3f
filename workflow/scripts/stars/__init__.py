"""Scripts that check the list and measure the stars."""
