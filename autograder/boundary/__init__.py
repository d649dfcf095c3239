"""What both sides of the trust line may know: the job, the wire, the limits, and how a box is built and proven.

`job`           the data contract: what goes in, what comes out
`frames`        a stream of bytes cut into messages with raw buffers
`wire`          values as parts of such messages, and back
`posting`       the job as a frame, inwards
`events`        what a box says, outwards
`limits`        what one box may use, as data
`visible`       what one box may see, as data
`text`          student-made text made harmless
`bwrap`, `plain`, `seccomp`, `syscalls`   what the walls are made of
`launcher`      boxes: `FreshBox(tier).run(job)`
`loading`       the retries for a cell that hangs or kills its box
`conversation`  the trusted side's half of one exchange
`probe`         an attacker that each box must withstand
`tiers`         which walls stand here, found by trying
`doctor`        the same as findings that say what to do

Nothing is imported here: the box imports this package too, and pays for what it imports.
"""
