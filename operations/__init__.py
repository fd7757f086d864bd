"""Commands for running caches, which need boto3 and credentials."""
