import bot.clock
from bot.conversations.store import Message


def ask(services, name, text, utterance):
    services.store.create(name, "site", bot.clock.now())
    services.store.add(
        name, Message.new("user", text, now=bot.clock.now()), Message.new("bot", "…", utterance, now=bot.clock.now())
    )


def test_staff_see_what_was_asked_and_nobody_else_does(anna, visitor, services):
    ask(services, "a", "who is credly", "utter_faq/what_is_credly")
    page = anna.get("/analytics?days=7").text
    assert ">1 answered, 0 looked up" in page and "silent <strong>1</strong>" in page
    assert "<svg" in page and "style=" not in page
    assert visitor.get("/analytics").status_code == 303
