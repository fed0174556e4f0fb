"""Results, policy, waivers, baseline and today: a decision. Pure."""
