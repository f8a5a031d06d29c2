"""From a fact to a mail that arrived: words, SMTP, and what the mail server answered."""
