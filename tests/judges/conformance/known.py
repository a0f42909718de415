"""What is known to differ from AWS: the check, and what is different. docs/rehearsal.md says so, too."""

KNOWN: dict[str, str] = {
    "cognito.second_region": "Every region answers for the pools of all.",
    "secrets.binary": "Binary values are lost.",
    "secrets.deletion": "A name whose secret waits for its deletion is refused as taken, with another code.",
    "secrets.stages": "AWSPREVIOUS stays on every version that was current.",
    "secrets.token": "The first version's id is not the client's token.",
    "streams.no_record_without_change": "The engine (dynoxide) writes a MODIFY record whose images are equal.",
}
