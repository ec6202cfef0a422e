"""What is new in a mail, and what it quotes, forwards and signs."""

import re

import pytest

from bot.mail_reading.quotes import part

TEAM, BOT, LEARNER = "team@cert.example.com", "bot@help.example.com", "leila@example.com"
CONVERSATION = (TEAM, BOT, LEARNER)
MARKED, UNMARKED = "> Does it work?\n> Anna", "Does it work?\nAnna"


def words(text):
    return sorted(re.findall(r"[^\s>]+", text))


def parted(text):
    """The new words and the rest; every word is in one of them."""
    found = part(text, CONVERSATION)
    assert words(found.new + "\n" + found.rest) == words(text)
    return found


ATTRIBUTIONS = [
    f"On Tue, Nov 24, 2026 at 9:00 AM Team <{BOT}> wrote:",
    f"On Tue, Nov 24, 2026 at 9:00 AM\n Team <{BOT}> wrote:",
    f"On 24 Nov 2026, at 09:00, Team <\n{BOT}> wrote:",
    f"Am Di., 24. Nov. 2026 um 09:00 Uhr schrieb Team <{BOT}>:",
    f"Le mar. 24 nov. 2026 à 09:00, Team <{BOT}> a écrit :",
    f"El mar, 24 nov 2026 a las 9:00, Team (<{BOT}>) escribió:",
    f"Em ter., 24 de nov. de 2026 às 09:00, Equipe <{BOT}> escreveu:",
    f"Il giorno mar 24 nov 2026 alle ore 09:00 Team <{BOT}> ha scritto:",
    f"Op di 24 nov 2026 om 09:00 schreef Team <{BOT}>:",
    f"wt., 24 lis 2026 o 09:00 Team <{BOT}> napisał(a):",
    f"вт, 24 нояб. 2026 г. в 09:00, Team <{BOT}>:",
    f"24 ноября 2026 г., 09:00 пользователь Team <{BOT}> написал:",
    f"вт, 24 лист. 2026 р. о 09:00 Team <{BOT}> пише:",
    f"Team <{BOT}>, 24 Kas 2026 Sal, 09:00 tarihinde şunu yazdı:",
    f"في الثلاثاء، ٢٤ نوفمبر ٢٠٢٦ في ٩:٠٠ ص تمت كتابة ما يلي بواسطة \u202aTeam\u202c\u200f <\u202a{BOT}\u202c\u200f>:",
    f"\u202bבתאריך יום ג׳, 24 בנוב׳ 2026 ב-9:00 מאת \u202aTeam\u202c\u200f <\u202a{BOT}\u202c\u200f>:\u202c",
    f"2026年11月24日(火) 9:00 Team <{BOT}>:",
    f"2026/11/24 9:00、Team <{BOT}>のメール：",
    f"Team <{BOT}> 于2026年11月24日周二 09:00写道：",
    f"2026년 11월 24일 (화) 오전 9:00, Team <{BOT}>님이 작성:",
    f"Den tis 24 nov. 2026 kl 09:00 skrev Team <{BOT}>:",
    f"ti 24. marrask. 2026 klo 9.00 Team ({BOT}) kirjoitti:",
    f"út 24. 11. 2026 v 9:00 odesílatel Team <{BOT}> napsal:",
    f"Στις Τρί 24 Νοε 2026 στις 9:00 π.μ., ο χρήστης Team <{BOT}> έγραψε:",
    f"Vào Th 3, 24 thg 11, 2026 vào lúc 09:00 Team <{BOT}> đã viết:",
    "Team/Cert wrote on 24.11.2026 09:00:12:",
    f"On Tue, 24 Nov 2026 09:00:12 +0100 Team <{BOT}> wrote",
    f"Op di 24 nov 2026 om 09:00, Team ({BOT}) schreef",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", [MARKED, UNMARKED], ids=["marked", "unmarked"])
def test_what_an_attribution_introduces_is_folded_in_any_language(attribution, quote):
    assert parted(f"It works now, thanks.\n\n{attribution}\n\n{quote}\n").new == "It works now, thanks."


HEADERS = [
    f"From: Team <{TEAM}>\nSent: Tuesday, November 24, 2026 9:00 AM\nTo: Leila <{LEARNER}>\nSubject: RE: Badge",
    "From: Certification Team\nSent: Tuesday, November 24, 2026 9:00 AM\nTo: Leila Haddad\nSubject: RE: Badge",
    f"*From:* Team <{TEAM}>\n*Sent:* Tuesday\n*To:* Leila\n*Subject:* Badge",
    f"________________________________\nFrom: Team <{TEAM}>\nSent: Tuesday\nTo: Leila\nSubject: Badge",
    f"Von: Team <{TEAM}>\nGesendet: Dienstag, 24. November 2026 09:00\nAn: Leila\nBetreff: Badge",
    "-----Ursprüngliche Nachricht-----\nVon: Team\nGesendet: Dienstag\nAn: Leila\nBetreff: Badge",
    "-------- Message d’origine --------\nDe : Team\nDate : 24/11/2026\nÀ : Leila\nObjet : Badge",
    f"De: Team <{TEAM}>\nEnviado: terça-feira\nPara: Leila\nAssunto: Badge",
    f"От: Team <{TEAM}>\nОтправлено: вторник\nКому: Leila\nТема: Badge",
    f"Kimden: Team <{TEAM}>\nGönderildi: Salı\nKime: Leila\nKonu: Badge",
    f"من: Team <{TEAM}>\nتم الإرسال: الثلاثاء\nإلى: Leila\nالموضوع: Badge",
    f"差出人: Team <{TEAM}>\n送信日時: 2026年11月24日\n宛先: Leila\n件名: Badge",
    f"Od: Team <{TEAM}>\nWysłano: wtorek\nDo: Leila\nTemat: Badge",
    "----- Original Message -----",
    "------------------ 原始邮件 ------------------",
]


@pytest.mark.parametrize("headers", HEADERS)
def test_what_a_block_of_headers_introduces_is_folded(headers):
    assert parted(f"It works now, thanks.\n\n{headers}\n\n{UNMARKED}\n").new == "It works now, thanks."


@pytest.mark.parametrize(
    "text",
    [
        "Le 3 novembre votre collègue a écrit :\nVotre badge est prêt.\nMais je ne vois rien.",
        "On 3 November 2026 your colleague wrote:\nyour badge is ready.\nBut I see nothing.",
        "My manager Anna <anna@corp.example> wrote: the course was finished in May.\nPlease check.",
        "On the first try it failed.\nOn the second too, as I wrote:\nno badge.",
        "Date: Wednesday 3 October\nTime: 7:00\nAddress: 130 Fox St\nThat is when I took it.",
        "From: Berlin\nI took the exam there.",
        f"See:\n\nFrom: Credly <admin@credly.example>\nSent: Tuesday\nTo: <{LEARNER}>\nSubject: Badge\n\nEarned.",
        "See below.\n\n---------- Forwarded message ---------\nFrom: Credly <no-reply@credly.example>\nDate: Monday\n"
        "Subject: Badge\n\nRejected: name mismatch.",
        "---------- Forwarded message ---------\nFrom: Credly <no-reply@credly.example>\nSubject: Badge\n\nRejected.",
        "Sent from my desk, it never arrived.",
        "Sent by post last week.",
        "First part\n--\n" + "\n".join(f"point {number}" for number in range(30)),
    ],
)
def test_what_the_sender_says_or_shows_is_new(text):
    assert parted(text).new == text


@pytest.mark.parametrize("wrote", ["wrote", "schrieb", "a écrit"])
def test_what_programs_put_between_rules_introduces_a_marked_quote(wrote):
    line = f"---- Anna Lee {wrote} ----"
    assert parted(f"It works now.\n\n{line}\n\n{MARKED}").new == "It works now."
    assert line in parted(f"It works now.\n\n{line}\n\n{UNMARKED}").new


@pytest.mark.parametrize(
    "prose",
    [
        f"On 24 Nov 2026 at 09:00 Team <{BOT}> wrote\nthat it is there, but I see nothing.",
        f"I am sure that at 09:00 the team ({BOT}) wrote\n\nIt is there. But I see nothing.",
    ],
)
def test_prose_that_says_who_wrote_cuts_nothing(prose):
    assert parted(prose).new == prose


@pytest.mark.parametrize(
    "quote",
    [
        "> See it here (https://help.example.com/a\n_nonce=3dd518)\n>",
        "> See it here <https://help.example.com/\nCRT-2026-00001/a?b=c>\n> Anna",
        "> See it here\n (https://help.example.com/a) >\n> Anna",
        "> See it here:\n<https://help.example.com/a> <https://help.example.com/b>\n> Anna",
    ],
)
def test_links_that_lost_their_mark_are_of_the_quote_around_them(quote):
    assert parted(f"It works.\n\n{ATTRIBUTIONS[0]}\n\n{quote}\n").new == "It works."


@pytest.mark.parametrize("answer", ["https://credly.example/badge", "yes)", "see (https://credly.example/badge)"])
def test_short_answers_between_quoted_lines_are_new(answer):
    assert answer in parted(f"> Where is it?\n{answer}\n> And the name?\nLeila").new


def test_words_below_a_quote_are_new():
    text = f"Hi,\n\n{ATTRIBUTIONS[1]}\n> Which name?\n\nIt is Leila, please correct it.\n"
    found = parted(text)
    assert found.new == "Hi,\n\nIt is Leila, please correct it."
    assert "Which name?" in found.rest


def test_short_quotes_that_are_answered_one_by_one_stay_with_their_answers():
    text = "> Which name?\nLeila\n> Which date?\n3 May\n\n> Anna\n> Team"
    assert parted(text).new == "> Which name?\nLeila\n> Which date?\n3 May"


def test_a_long_quote_in_between_is_folded():
    long = "\n".join(f"> line {number} of a long letter" for number in range(30))
    assert parted(f"Hello,\n{long}\nmy answer\n> short\nanother").new == "Hello,\nmy answer\n> short\nanother"


def test_an_attribution_behind_a_sentence_is_found():
    text = f"Yes please. On Tue, Nov 24, 2026 at 9:00 AM Team <{BOT}> wrote:\n> Shall we?"
    assert parted(text).new == "Yes please."


def test_a_line_that_was_broken_within_a_quote_is_of_the_quote():
    line = "> " + "a long line that a program has broken while it quoted it all " * 2
    assert parted(f"Thanks\n\n> Hello\n{line.rstrip()}\ninto two\n> Anna").new == "Thanks"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nLeila\n+49 123",
        "Sent from my iPhone",
        "Sent from TypeApp<http://mail.example.com/r?b=2621>",
        "Sent with Some Mail 7",
        "Von meinem iPhone gesendet",
        "Sent from Outlook for Android",
        "____\nA list",
    ],
)
def test_a_signature_is_folded(signature):
    assert parted(f"It works now.\n\n{signature}\n").new == "It works now."
    quote = f"On Tue, Nov 24, 2026 at 9:00 AM Team <{BOT}> wrote:\n{MARKED}"
    assert parted(f"It works now.\n\n{signature}\n\n{quote}").new == "It works now."
    assert parted(f"It works now.\n\n{quote}\n\n{signature}").new == "It works now."


@pytest.mark.parametrize("text", ["Sent from Berlin", "It came late.\n\nSent from Berlin, not from Bonn"])
def test_where_something_was_sent_from_may_be_the_answer(text):
    assert parted(f"{text}\n\n{ATTRIBUTIONS[0]}\n\n{MARKED}\n").new == text


@pytest.mark.parametrize("text", ["👍", "?", "+1", "ok", "…!", "好"])
def test_the_shortest_answer_is_one(text):
    assert parted(f"{text}\n\n{ATTRIBUTIONS[0]}\n{MARKED}").new == text


@pytest.mark.parametrize(
    "text", ["", "\n\n", "> all\n> quoted", f"{ATTRIBUTIONS[0]}\n> all\n", f"{HEADERS[0]}\n\nOurs."]
)
def test_where_nothing_is_new_nothing_is_shown_as_such(text):
    assert parted(text).new == ""
