"""RDS on this machine: real PostgreSQL servers behind AWS-shaped names, with IAM authentication."""
