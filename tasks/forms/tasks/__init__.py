"""What is asked of a task beside its kind's own fields."""
