"""Instance families with optional EBS optimisation.

Source: AWS, "Amazon EBS-optimized instance types"; read 2026-11-21.
Every family that is not named here is EBS-optimised by default, or cannot be.
"""

OPTIONAL_EBS_OPTIMISATION = frozenset({"c1", "c3", "g2", "i2", "m1", "m2", "m3", "r3"})
