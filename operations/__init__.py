"""What people do with caches that run; needs boto3 and credentials."""
