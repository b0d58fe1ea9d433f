"""The money path: from an order to the one call that pays for it, and what people decide about it."""
