"""The outage that `demo` tells: how it is told."""
