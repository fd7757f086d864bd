"""The caches: nodes, serverless, Global Datastores, Outposts; and what belongs to one."""
