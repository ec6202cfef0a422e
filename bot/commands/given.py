"""What people give on the command line, as the services take it."""


def given_address(text: str) -> str:
    """An e-mail address as it is kept; raises InvalidAddress, with what was given, for what is none."""
    from bot.errors import InvalidAddress
    from bot.identity.address import normalise

    try:
        return normalise(text)
    except InvalidAddress as error:
        raise InvalidAddress(f"{text!r} is no e-mail address.") from error
