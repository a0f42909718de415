"""What is known to differ from AWS: the check, and what is different. docs/rehearsal.md says so, too."""

KNOWN: dict[str, str] = {
    "streams.no_record_without_change": "The engine (dynoxide) writes a MODIFY record whose images are equal.",
}
