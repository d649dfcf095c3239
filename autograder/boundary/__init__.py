"""What both sides of the trust line may know: the job, the wire, the limits, and how a box is built and proven.

`job`           the data contract: what goes in, what comes out
`wire`          values and frames as bytes, and back, for bytes that cannot be trusted
`messages`      jobs and events as frames
`limits`        what one box may use, as data
`visible`       what one box may see, as data
`launcher`      boxes: `FreshBox(tier).run(job)`
`loading`       the retries for a cell that hangs or kills its box
`conversation`  the trusted side's half of one exchange
`seccomp`       the system calls a box may make
`probe`         an attacker that each box must withstand
`tiers`         which walls stand here, found by trying
`doctor`        the same as findings that say what to do

Nothing is imported here: the box imports this package too, and pays for what it imports.
"""
