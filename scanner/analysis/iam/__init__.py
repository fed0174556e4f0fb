"""IAM reasoning: what a statement grants, to whom, under which conditions, and where that leads."""
