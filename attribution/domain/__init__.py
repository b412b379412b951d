"""The cost model: plain Python and NumPy; no Django, no database, no clock."""
