"""Which stars are runaways: fits, criteria, quality, horizontal-branch stars, distance check."""
