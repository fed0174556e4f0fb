"""First PostgreSQL version of each major line with the log_fdw fix.

Source: AWS bulletin AWS-2022-004; read 2026-11-21.
"""

FIRST_PATCHED_POSTGRES = {9: (9, 7), 10: (10, 18), 11: (11, 13), 12: (12, 8), 13: (13, 4)}

FIRST_PATCHED_AURORA_POSTGRES = {10: (10, 14), 11: (11, 9)}
"""The same for Aurora; its other major lines never had the fault."""
