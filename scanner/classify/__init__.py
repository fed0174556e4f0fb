"""Says which dialects an artifact speaks, from its path and its first bytes; it never parses."""
