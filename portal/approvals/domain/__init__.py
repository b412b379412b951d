"""Changes, who has to agree to them, and what becomes of them; plain Python."""
