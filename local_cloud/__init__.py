"""A deploy on this machine: an emulator of CloudFormation, real cache servers, and the instance in a sandbox."""
