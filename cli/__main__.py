"""`python -m cli` is `reservrutin`."""

from cli.app import main

main()
