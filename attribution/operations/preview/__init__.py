"""What a range would have cost whom, had something else been declared; nothing is written."""
