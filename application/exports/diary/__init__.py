"""The staff diary: one incident as a *stabsdagbok*, to be printed, signed and filed."""
