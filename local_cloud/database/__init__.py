"""RDS on this machine: PostgreSQL servers with endpoints as RDS names them, and IAM authentication."""
