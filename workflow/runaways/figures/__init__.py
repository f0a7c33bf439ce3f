"""Figures: the style, and one module for each stage that is drawn."""
