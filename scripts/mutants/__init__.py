"""Mutation tests with Cosmic Ray: faults put into the code, one at a time, that a test has to notice."""
