"""Code made by tools/generate; never edited by hand."""
