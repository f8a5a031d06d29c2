"""Mail, the first channel: from a notice to what the mail server answered."""
