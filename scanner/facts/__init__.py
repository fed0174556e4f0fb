"""Dated tables with their sources: what AWS offers, deprecates and defaults."""
