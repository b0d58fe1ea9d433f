"""Who uses the portal: sign-in, passwords, mail addresses, membership."""
