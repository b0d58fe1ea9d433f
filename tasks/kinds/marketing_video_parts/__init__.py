"""Parts of the marketing video: what is asked for it, and how TopView's answers about it are read."""
