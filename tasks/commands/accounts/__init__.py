"""TopView accounts: their credentials, the clients made of them, and hosts that do not answer."""
