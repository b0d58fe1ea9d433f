"""Running the portal: queue, shutdown, disks, clean-up, backup and what follows from restoring one."""
