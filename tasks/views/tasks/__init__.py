"""Pages about tasks: ordering, the list, a task's page, and what people decide."""
