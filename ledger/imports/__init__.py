"""Imports: rows of a spreadsheet or of another system's file become documents. It judges none: admission does."""
