"""What runs in the box: the host that loads a student's cells and answers calls.

It holds no answers, no seeds and no checks, and it defends nothing: the student's code runs in this very interpreter
and may change any of it. Whatever it changes, all that leaves the box are bytes that the other side distrusts.
"""
