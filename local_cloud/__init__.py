"""Deploys to this machine: an emulator of CloudFormation, real cache servers, and instances in sandboxes."""
