"""The log in the formats of the tools that reviewers use. Pure generators of bytes over a `Source`."""
