"""The script that writes the report."""
