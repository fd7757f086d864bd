"""What all constructs share: checking properties, names, memoised jsii calls, acknowledged findings."""
