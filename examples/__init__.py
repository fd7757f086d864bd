"""One small app for each use; deploy one with `cdk deploy --all --app "python3 -m examples.NAME"`."""
