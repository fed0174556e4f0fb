"""Certificate authorities of Amazon RDS. Source: AWS, "Using SSL/TLS to encrypt a connection"; read 2026-11-21."""

CURRENT = frozenset({"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"})
EXPIRED = frozenset({"rds-ca-2010", "rds-ca-2015", "rds-ca-2019"})
