"""What people bring: kept once, examined, converted, used again."""
