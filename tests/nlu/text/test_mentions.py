"""Who is spoken of: the writer, another person, or people of the team."""

import pytest

from bot.nlu.text import mentions


@pytest.mark.parametrize(
    "text",
    [
        "Customer of mine can't see her badge, can you look up pia@example.net?",
        "need to verify a candidate: alex@example.com certified associate y/n",
        "for now it's just my employee Anna: anna@example.com",
        "what about our new hire, tom@example.com",
        "check his record please, tom@example.com",
        "can u look for my buddy too, hes at jonas@example.com",
        "hey, I'm from customer success and need the credentials of a customer",
    ],
)
def test_an_address_beside_these_is_anothers(text):
    assert mentions.anothers(text)


@pytest.mark.parametrize(
    "text",
    [
        "my boss wants to know whether I passed, kim@example.com",
        "please look for my badge, a colleague has hers already. kim@example.com",
        "kim@example.com, my own this time",
        "status of my exam? kim@example.com",
        "a client says the link to my Associate is dead, what's up: kim@example.com",
        "kim@example.com",
    ],
)
def test_an_address_beside_these_is_ones_own(text):
    assert not mentions.anothers(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fine, take it up with your people", True),
        ("give this to whoever knows", True),
        ("is there someone I can talk to", True),
        ("people can see it on linkedin", False),
        ("take it off my profile", False),
        ("how would a recruiter tell them apart", False),
    ],
)
def test_people_to_talk_to_are_the_team(text, names):
    assert mentions.team(text) is names


@pytest.mark.parametrize("piece", ["my ", "a customer of ", "his ", "take it "])
def test_long_messages_are_read_in_no_time_to_speak_of(piece):
    for look in (mentions.team, mentions.anothers, mentions.own, mentions.somebody_else):
        assert look(piece * 5000) in (True, False)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("question for you: how would I merge the two", True),
        ("this one is for you, not them: does it expire?", True),
        ("you bot, where do I share it", True),
        ("it was a mail for your team: kim@example.com", False),
        ("yes, I did the second exam", False),
    ],
)
def test_who_speaks_to_the_assistant_may_say_so(text, names):
    assert mentions.assistant(text) is names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("i clicked the wrong thing and now my badge is gone. can you have a look", True),
        ("No badge so far, could somebody check please", True),
        ("my badge is gone, pls look", True),
        ("where do I look for my badge", False),
        ("I checked everywhere and it's not there", False),
    ],
)
def test_who_wants_somebody_to_look_says_so(text, names):
    assert mentions.look_up(text) is names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("then who would know such a thing", True),
        ("whom do I ask about money matters then", True),
        ("someone over there should take a look at the spelling", True),
        ("tell certification the link is dead", True),
        ("a person at your end, please", True),
        ("my certification people asked about", True),
        ("this is a mess", False),
        ("how would I know that", False),
    ],
)
def test_the_team_is_named_in_many_ways(text, names):
    assert mentions.team(text) is names


@pytest.mark.parametrize(
    ("text", "relays"),
    [
        ("can you tell your team that the site is slow for me", True),
        ("please ask the certification team why the picture is old", True),
        ("I'd like to report to the team that my name is misspelt", True),
        ("Pass it on to your colleagues: the link is dead", True),
        ("someone from support please. my credly link gives error 404", True),
        ("did the team write back?", False),
        ("I told your team already", False),
        ("what does the team do", False),
        ("need help from the team, badge shows my old job title", True),
        ("I would like some support by your people", True),
        ("where do I need help from my manager", False),
    ],
)
def test_who_wants_the_team_told_says_so(text, relays):
    assert mentions.relay(text) is relays


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        ("Could you add that we use SharePoint?", True),
        ("please add to the ticket: it is urgent", True),
        ("and mention that it was the May exam", True),
        ("tell them I need it by Friday", True),
        ("can I add it to my signature", False),
        ("how do I add a badge to LinkedIn", False),
    ],
)
def test_who_wants_something_added_says_so(text, adds):
    assert mentions.addition(text) is adds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("actually no need, I check myself. dont notify me", True),
        ("you can stop writing to me about it", True),
        ("no more mails please", True),
        ("don't forget to tell me", False),
        ("tell me when it's there", False),
        ("I don't want to look every day, could you inform me?", False),
    ],
)
def test_who_wants_to_hear_no_more_says_so(text, said):
    assert mentions.tell_no_more(text) is said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("just for Sven, sven.holm@example.com, he's on leave until August", True),
        ("her record please: mei.tan@example.com", True),
        ("my boss says he wants to see mine", False),
        ("he told me to ask you about the badge", False),
        ("please check it, kim@example.com", False),
    ],
)
def test_who_speaks_of_him_or_her_alone_does_not_speak_of_himself(text, found):
    assert mentions.only_of_other(text) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is there any way of finding out where my Cube Design badge is stuck? My trainer said it would come.", True),
        ("where is my badge", True),
        ("what happened to my workflow credential?", True),
        ("where can I put my badge on LinkedIn", False),
        ("where do I find my badge number", False),
        ("where will my certification show up in my profile", False),
    ],
)
def test_who_asks_where_a_badge_of_their_own_is_stuck_wants_it_looked_up(text, found):
    assert mentions.own_whereabouts(text) is found


@pytest.mark.parametrize(
    "text", ["how do I get them into one place", "can I put them together", "get them all together"]
)
def test_badges_that_are_brought_together_are_no_people(text):
    assert not mentions.team(text)


@pytest.mark.parametrize("text", ["put me through to someone", "can I get hold of somebody", "get in touch with them"])
def test_people_that_somebody_wants_to_be_put_through_to_are(text):
    assert mentions.team(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (".com not .con", True),
        ("sorry, one letter too many in my mail", True),
        ("it should be kim, not kin", True),
        ("it says Mehmed with d at the end", False),
        ("the badge shows Smyth", False),
    ],
)
def test_a_slip_of_an_address_is_told_with_words_of_addresses(text, found):
    assert mentions.address(text) is found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("good. ok now do that ticket after all", True),
        ("alright then make me the ticket please", True),
        ("back to the ticket now", True),
        ("go ahead with my ticket", True),
        ("ok don't do the ticket", False),
        ("no need to open a ticket any more", False),
        ("cancel it, I'd rather not make a ticket", False),
        ("forget what I said, close the ticket", False),
        ("never mind", False),
        ("I had a ticket once", False),
    ],
)
def test_a_ticket_is_asked_for_where_something_is_to_be_done_with_it(text, wanted):
    assert mentions.ticket_after_all(text) is wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("just LOOK", True),
        ("well look then!", True),
        ("go on, check it for me", True),
        ("then check my badge please", True),
        ("you look", True),
        ("ok do a search for it", False),
        ("I'll look", False),
        ("ok checking", False),
        ("will check", False),
        ("check spam, you said", False),
        ("looks good", False),
        ("it looks odd", False),
        ("look, I passed the exam in May and it is still not there", False),
    ],
)
def test_the_bare_order_to_look(text, told):
    assert mentions.told_to_look(text) is told
