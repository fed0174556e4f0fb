"""Pure reasoning over subjects and values; no input or output, no dialect."""
