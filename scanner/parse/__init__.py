"""One syntax a module: bytes to nodes with regions. A syntax knows nothing of AWS."""
