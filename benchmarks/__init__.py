"""Measurements behind the figures in README.md. Run by ``make bench``."""
