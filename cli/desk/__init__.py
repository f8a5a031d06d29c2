"""The screen that stays open: what to say to whoever rings, what is to be done, and a key for each."""
