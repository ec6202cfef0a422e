import datetime
from dataclasses import replace

from bot.content import faq_dates, faqs

TODAY = datetime.date(2031, 5, 6)


def test_every_answer_as_it_stands_has_its_day():
    """Fails where an answer was changed and `python -m bot train` has not been run since."""
    undated = [faq.id for faq in faqs.every_faq() if faq_dates.changed_on(faq) is None]
    assert undated == []


def test_only_what_has_changed_gets_a_new_day(tmp_path, monkeypatch):
    file = tmp_path / "dates.yml"
    first, second = faqs.topics()[0].faqs[:2]
    monkeypatch.setattr(faq_dates, "every_faq", lambda root: [first, second])
    assert faq_dates.bring_up_to_date(TODAY, file) == [first.id, second.id]
    later = TODAY + datetime.timedelta(days=9)
    for changed in (replace(second, answer="other"), replace(second, answer="other", question="Other?")):
        monkeypatch.setattr(faq_dates, "every_faq", lambda root, one=changed: [first, one])
        assert faq_dates.bring_up_to_date(later, file) == [second.id]
    assert {name: dated.changed for name, dated in faq_dates.read(file).items()} == {first.id: TODAY, second.id: later}
    written = file.read_bytes()
    assert faq_dates.bring_up_to_date(later + datetime.timedelta(days=1), file) == []
    assert file.read_bytes() == written


def test_an_answer_that_is_gone_leaves_the_file(tmp_path, monkeypatch):
    file = tmp_path / "dates.yml"
    first, second = faqs.topics()[0].faqs[:2]
    monkeypatch.setattr(faq_dates, "every_faq", lambda root: [first, second])
    faq_dates.bring_up_to_date(TODAY, file)
    monkeypatch.setattr(faq_dates, "every_faq", lambda root: [second])
    assert faq_dates.bring_up_to_date(TODAY, file) == []
    assert set(faq_dates.read(file)) == {second.id}
