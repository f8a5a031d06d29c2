"""A face in the browser: the door where the public subscribes and leaves, and staff's page; `reservrutin web` alone."""
