"""Every page that the program makes, as people with all kinds of eyes, hands and browsers come to it."""
