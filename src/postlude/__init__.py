"""Background tasks after the response, for every Python web framework."""
