"""What holds for every record on every day: nothing invented, nothing lost, order without effect, time one way."""

import datetime
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.issuance.record import Badge, BadgeState, Completion, IssuingRule, Record, Stage, diagnose
from bot.issuance.window import issuing_window

patient = settings(deadline=None)  # a busy machine is no failure

TRAINING = Completion("alice@example.com", "level_2", "Level 2", 100, datetime.date(2026, 3, 4))
EXAM = replace(TRAINING, title="OneStream Certified Lead Architect", percent=None, result="passed")
DAY = datetime.timedelta(days=1)
EDGES = [
    datetime.date(y, m, d)
    for y, m, d in [(2023, 12, 31), (2024, 1, 1), (2024, 2, 28), (2024, 2, 29), (2024, 3, 1), (2025, 2, 28)]
]
EDGES += [datetime.date(2026, m, 1) - DAY for m in range(1, 13)] + [datetime.date.min, datetime.date.max]
days = st.one_of(st.dates(datetime.date(2015, 1, 1), datetime.date(2035, 12, 31)), st.sampled_from(EDGES), st.dates())
rules = st.builds(IssuingRule, st.integers(0, 365), st.integers(0, 6), st.integers(0, 3650))
keys = st.sampled_from([("level_2", "Level 2"), ("lead", "Certified Lead Architect"), ("x", "Data Certification")])
emails = st.sampled_from(["alice@example.com", "bob@example.com"])


@st.composite
def completions(draw):
    key, title = draw(keys)
    percent = draw(st.sampled_from([None, 0, 40, 99, 100]))
    day = draw(st.none() | days)
    return Completion(draw(emails), key, title, percent, day, draw(st.sampled_from(["", "passed", "failed"])))


@st.composite
def badges(draw):
    key, title = draw(keys)
    number, state, url = draw(st.integers(1, 9)), draw(st.sampled_from(BadgeState)), draw(st.sampled_from(["", "u"]))
    url = url and f"https://example.com/{number}"
    dates = draw(days), draw(st.none() | days)
    return Badge(f"b{number}", draw(emails), key, title, state, *dates, url, issuer=draw(st.sampled_from(["", "One"])))


records = st.builds(
    Record,
    st.lists(completions(), max_size=5).map(tuple),
    st.lists(badges(), max_size=5).map(tuple),
    st.booleans(),
    st.booleans(),
)


def of(item):
    return Record((item,)) if isinstance(item, Completion) else Record(badges=(item,))


def ahead(window, today):
    """What of a window is still to come, looked for day by day."""
    first, last = window
    while first < today and first < last:
        first += datetime.timedelta(days=7)
    return first, last


@patient
@given(days, rules, st.integers(-800, 800))
def test_a_training_without_badge_is_overdue_from_the_day_after_its_window(completed, rule, offset):
    window = issuing_window(completed, rule.days, rule.weekday)
    if window is None:
        return
    try:
        today = window[1] + datetime.timedelta(days=offset)
    except OverflowError:
        return
    [told] = diagnose(of(replace(TRAINING, completed_on=completed)), today, rule)
    assert told.stage is (Stage.OVERDUE if offset > 0 else Stage.ISSUING_WINDOW)
    assert (told.completed_on, told.percent) == (completed, 100)
    assert told.window == (window if offset > 0 else ahead(window, today))


@patient
@given(days, days)
def test_a_passed_exam_is_never_called_overdue(passed, today):
    [told] = diagnose(of(replace(EXAM, completed_on=passed)), today, IssuingRule())
    assert (told.stage, told.window, told.completed_on) == (Stage.EXAM_PASSED, None, passed)


@patient
@given(records, days, rules)
def test_every_credential_is_told_once(record, today, rule):
    told = [one.credential for one in diagnose(record, today, rule)]
    assert sorted(told) == sorted({i.credential for i in (*record.completions, *record.badges)} or {""})


@patient
@given(records, days, rules, st.sampled_from(["level_2", "lead", "x", "unknown"]))
def test_asking_for_one_credential_tells_what_is_told_of_it_among_all(record, today, rule, credential):
    [told] = diagnose(record, today, rule, credential=credential)
    among_all = [one for one in diagnose(record, today, rule) if one.credential == credential]
    assert among_all == [told] or told.stage in (Stage.NOT_FOUND, Stage.SOURCE_UNAVAILABLE)


@patient
@given(records, days, rules, st.randoms())
def test_the_order_of_the_sources_never_matters(record, today, rule, random):
    lines, issued = list(record.completions), list(record.badges)
    random.shuffle(lines)
    random.shuffle(issued)
    shuffled = replace(record, completions=tuple(lines), badges=tuple(issued))
    assert diagnose(shuffled, today, rule) == diagnose(record, today, rule)


@patient
@given(records, days, rules)
def test_every_fact_told_is_one_of_the_record_and_they_belong_together(record, today, rule):
    for told in diagnose(record, today, rule):
        if not told.email:
            assert told.stage in (Stage.NOT_FOUND, Stage.SOURCE_UNAVAILABLE)
            assert not (told.completed_on or told.issued_on or told.window or told.title)
        elif told.issued_on:
            facts = (told.badge_id, told.email, told.title, told.issued_on, told.expires_on)
            facts += (told.badge_url, told.issuer)
            of_badges = [(b.id, b.email, b.title, b.issued_on, b.expires_on, b.url, b.issuer) for b in record.badges]
            assert facts in of_badges
            assert (told.percent, told.completed_on, told.window) == (None, None, None)
        else:
            facts = (told.email, told.title, told.percent, told.completed_on)
            assert facts in [(c.email, c.title, c.percent, c.completed_on) for c in record.completions]
            window = issuing_window(told.completed_on or today, rule.days, rule.weekday)
            assert told.window in (None, window, window and ahead(window, today))
        assert set(told.earlier) <= set(record.badges)
        assert told.badges_known is record.badges_known


@patient
@given(records, days, rules)
def test_missing_is_said_only_when_credly_was_asked(record, today, rule):
    claims = {Stage.OVERDUE, Stage.EXAM_PASSED, Stage.ISSUING_WINDOW, Stage.NOT_FOUND}
    if not record.badges_known:
        assert not claims & {one.stage for one in diagnose(record, today, rule)}


@patient
@given(st.one_of(completions(), badges()), days, days, rules)
def test_time_only_moves_a_credential_forward(item, one_day, other_day, rule):
    way = [
        [Stage.ISSUING_WINDOW, Stage.OVERDUE],
        [Stage.ACCEPTED, Stage.EXPIRES_SOON, Stage.EXPIRED],
        [Stage.WAITING_TO_BE_CLAIMED, Stage.EXPIRED],
    ]
    earlier, later = sorted([one_day, other_day])
    [before], [after] = (diagnose(of(item), day, rule) for day in (earlier, later))
    steps = [path for path in way if {before.stage, after.stage} <= set(path)]
    assert before.stage is after.stage or any(p.index(before.stage) < p.index(after.stage) for p in steps)
    assert replace(before, stage=after.stage, window=after.window) == after
    assert not before.window or before.window[1] == after.window[1]


@patient
@given(days, rules, days)
def test_no_day_that_has_passed_is_a_forecast(completed, rule, today):
    [told] = diagnose(of(replace(TRAINING, completed_on=completed)), today, rule)
    if told.stage is Stage.ISSUING_WINDOW and told.window:
        first, last = told.window
        assert today <= first <= last and first.weekday() == last.weekday() == rule.weekday
