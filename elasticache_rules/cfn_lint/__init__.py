"""The rules as an extension of cfn-lint: `cfn-lint -a "$(python -m elasticache_rules.cfn_lint)" TEMPLATE`."""
