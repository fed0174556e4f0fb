"""Sends reports elsewhere, on demand; the only room that may touch the network."""
