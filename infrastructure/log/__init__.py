"""The facts as they were written: one door in, every way to read them out."""
