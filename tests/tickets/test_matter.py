import pytest

from bot.tickets.matter import asks_where_to_write, belongs, put_anew, says_what, wants_another


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


@pytest.mark.parametrize(
    "text",
    [
        "one more thing for them, about something else",
        "open another ticket",
        "a new one please: my invoice is wrong",
        "No, a separate one",
        "I have a different issue too",
        "something else for the team: the proctor",
        "a second request please",
        "that's unrelated to the badge",
    ],
)
def test_who_wants_another_ticket_says_so(text):
    assert wants_another(text)


@pytest.mark.parametrize(
    "text",
    [
        "they should issue a new one",
        "I tried something else too",
        "one more thing, I have a screenshot",
        "no need for another ticket",
        "please don't open a new ticket, just add this",
        "my new employer is Norvane",
        "the second badge is wrong as well",
    ],
)
def test_a_detail_is_no_wish_for_another_ticket(text):
    assert not wants_another(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("the misspelt surname is on both", True),
        ("add that I am away", True),
        ("it is urgent", True),
        ("for my ticket: I checked spam", True),
        ("it is level 2, by the way", True),
        ("my level 3 is missing", False),
        ("why was my voucher refused", False),
    ],
)
def test_words_of_the_same_matter_are_known(text, same):
    assert belongs(text, "My surname is misspelt on the Level 2 badge") == same


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("whats the mail address of the people in charge", True),
        ("Who do I write to about this?", True),
        ("is there a phone number or a mail for the team", True),
        ("where can i turn with that", True),
        ("I want to talk to a person", False),
        ("please let them answer to kim@example.com, that's my mail", False),
    ],
)
def test_who_asks_where_to_write_gets_the_address(text, asks):
    assert asks_where_to_write(text) is asks


@pytest.mark.parametrize(
    "text",
    [
        "hmm ok so who can fix that",
        "and who could sort it out?",
        "can anyone deal with this please",
        "please do look into it",
    ],
)
def test_what_shall_be_done_with_a_matter_says_nothing_of_it(text):
    assert not says_what(text)
    assert says_what(f"{text} my surname is misspelt")


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("actually let me rephrase: the title says 101 and must say 201", "the title says 101 and must say 201"),
        ("wait, can I put it differently: my maiden name is shown", "my maiden name is shown"),
        ("no, change the text to: Planning 201 is missing", "Planning 201 is missing"),
        ("reword it - the exam date is wrong", "the exam date is wrong"),
        ("it should say Planning 201, not 101", ""),
        ("one more thing: I did it in March", ""),
        ("I wrote to them: nobody answered me", ""),
        ("let me rephrase that", ""),
    ],
)
def test_a_text_put_differently_takes_the_place_of_the_one_before(text, anew):
    assert put_anew(text) == anew
