"""What a finished run gets right and wrong, how sure it is of it, and how to go on from there."""
