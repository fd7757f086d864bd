"""Users, user groups, access strings, and grants."""
