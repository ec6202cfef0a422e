"""Who may do in Slack what staff may."""

from bot.slack.directory import Directory, Person, Standing


def refusal(directory: Directory, person: Person) -> str:
    """Why somebody may not do what staff may, as data/slack.yml names it; "" when they may."""
    if person.standing is not Standing.MEMBER:
        return person.standing.value
    return "" if directory.is_staff(person) else "not_staff"
