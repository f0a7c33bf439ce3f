"""What the rules promise Snakemake: a sound configuration, its files, what a job depends on."""
