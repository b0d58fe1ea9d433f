"""What TopView made: copied before its address dies, checked, used again."""
