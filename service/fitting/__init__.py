"""Models refitted by the service: what is asked for, the process that does it, who watches that."""
