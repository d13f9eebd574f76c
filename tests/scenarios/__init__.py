"""Scenarios: text files people can read, and the small dialect they are written in. One suite for every runtime."""
