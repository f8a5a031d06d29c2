"""What it costs, measured beside the limit in the same run. Not shipped."""
