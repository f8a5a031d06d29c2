"""Whether everything that the log and its mail need is in order, and what to do where it is not."""
