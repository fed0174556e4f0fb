"""The rule engine: compiled rules held against subjects."""
