"""A living community for looking at: fictional members, plans, and conversations in every state."""
