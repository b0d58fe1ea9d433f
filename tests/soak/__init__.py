"""`make soak`: every product under random faults and kills, and a judgement of what is left."""
