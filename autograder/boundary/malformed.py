"""The error for bytes that are not the protocol."""


class MalformedError(ValueError):
    """Bytes that are not the protocol. The message is ours and never quotes the bytes."""
