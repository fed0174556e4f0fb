"""Reasoning about pipeline documents: filters, buildspecs, AppSpecs, stages, and the paths between them."""
