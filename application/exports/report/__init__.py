"""The report: one incident as a page that can be read without the program, and without a network."""
