"""The EC2 client and its connection test."""
