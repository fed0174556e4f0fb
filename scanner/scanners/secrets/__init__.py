"""The secrets engine: literals found in one pass, rules matched at them."""
