"""Network reasoning: CIDR and port algebra, and the predicates that rules use on exposures."""
