"""Rule and policy packs: YAML files, checked and compiled to one index."""
