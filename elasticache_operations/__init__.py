"""Commands before and after a deploy: cost, quotas, capacity, status, advice and drills."""
