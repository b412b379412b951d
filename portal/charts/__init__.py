"""Rows become figures here. No queries, no colours: the page paints a figure in its own theme."""
