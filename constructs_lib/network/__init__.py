"""The VPC and its subnet groups."""
