"""What `examples/record/coin.json` is about."""

# --8<-- [start:toss]
SIDES = ("heads", "tails")


# --8<-- [end:toss]
# --8<-- [start:other]
OTHER = "nothing of it ran"
# --8<-- [end:other]
