"""What surrounds every page: menu, appearance, request ids, and the pages of refusal and failure."""
