"""What every command has in common: options, lines, colours, exit codes."""
