"""Jobs as folders: one folder a job, one writer, append-only events, status derived from them.

`store` reads, `launch` starts and steers, `worker` is the process that does the work. Nothing here
loads a network in the process that imports it.
"""
