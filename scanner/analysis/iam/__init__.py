"""IAM policy reasoning: actions, principals, resources, conditions."""
