"""A small app for each use case; deploy one with `cdk deploy --all --app "python3 -m examples.NAME"`."""
