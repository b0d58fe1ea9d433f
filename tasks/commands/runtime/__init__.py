"""What keeps work going: the queue, leases, shutdown, clocks, and room on the disks."""
