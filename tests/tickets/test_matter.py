import pytest

from bot.tickets.matter import says_what


@pytest.mark.parametrize(
    "text",
    [
        "talk to someone",
        "can somebody from your team help me",
        "I'd like to ask the team something",
        "human please!!",
        "I need to speak with someone in the certification team, please.",
        "hi, could you connect me to a real person",
        "open a ticket",
        "then please give it to the team",
        "please ask jane@example.com",
        "",
    ],
)
def test_a_mere_wish_says_nothing_of_the_matter(text):
    assert not says_what(text)


@pytest.mark.parametrize(
    "text",
    [
        "surname misspelled",
        "the badge shows my maiden name",
        "please open a ticket: wrong date on my Level 1 badge",
        "ticket please: two of my badges got mixed up in Credly",
        "can you ask the team why my Level 3 badge shows the old logo?",
    ],
)
def test_a_wish_with_its_matter_does(text):
    assert says_what(text)
