"""What the published pages on background tasks show and claim, and what shows it here."""
