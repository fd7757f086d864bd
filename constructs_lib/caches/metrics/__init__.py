"""CloudWatch metrics of caches, by their official names and with the dimensions that the service publishes."""
