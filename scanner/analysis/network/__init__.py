"""CIDR and port reasoning."""
