"""The findings as people read them: tables, documents, a plot."""
