"""Money: what an order will cost, what TopView says it charged, and where the two do not agree."""
