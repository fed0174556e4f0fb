"""Finds the artifacts of a run: walks the disk or asks git, bounded; nobody else reads the scanned root."""
