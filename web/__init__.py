"""A face in the browser: the door by which the public subscribes and leaves. Started by `reservrutin web` alone."""
