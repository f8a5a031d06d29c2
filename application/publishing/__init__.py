"""What the system owner has published, as a folder of plain files for whoever has no log at hand."""
