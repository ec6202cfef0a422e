"""What an editor looks at: what is live, with the changes of a draft."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.content.kinds import ANSWER_PREFIX
from bot.site.console.content_fields import Sentence, about_of
from bot.studio.content import Content, FaqContent
from bot.studio.draft_content import DraftContent
from bot.studio.drafts import Draft
from bot.studio.items import Item, ItemKind
from bot.studio.service import Studio

FACT_PREFIX = "utter_fact/"


@dataclass(frozen=True)
class Edited:
    """Live content with a draft's changes, where there is one; `on` is the publication that is live."""

    live: Content
    on: int
    draft: Draft | None = None
    changed: DraftContent | None = None

    @classmethod
    def of(cls, studio: Studio, draft: Draft | None) -> "Edited":
        """What is live now, with a draft."""
        on = studio.live_id()
        if draft is None:
            return cls(studio.content(), on)
        changed = studio.draft_content(draft)
        return cls(changed.live, on, draft, changed)

    def value(self, item: Item) -> Any:
        """An item as the draft has it, None where it is not there."""
        return self.changed.value(item) if self.changed else self.live.value(item)

    def version(self, item: Item) -> int:
        """Which version of an item the draft has; 0 where it has not changed it."""
        return self.draft.version(item) if self.draft else 0

    def items(self) -> Iterator[Item]:
        """All that are there, those that the draft adds last."""
        known = self.live.items()
        added = [one.item for one in self.draft.changes] if self.draft else []
        for item in dict.fromkeys([*known, *added]):
            if self.value(item) is not None:
                yield item

    def path(self, item: Item) -> str:
        """The file of an item; of one that the draft adds, where it will stand."""
        change = self.draft.change(item) if self.draft else None
        return self.live.path(item) or (change.change.path if change else "")

    def topics(self) -> dict[str, str]:
        """The topics of the FAQ by the name of their file, with their titles."""
        return {str(one["file"]): str(one["title"]) for one in self.live.files["data/topics.yml"]}

    def faqs(self) -> list[FaqContent]:
        """The questions of the FAQ in their order, those that the draft adds at the end of their topic."""
        known = [one for one in self.live.faqs() if self.value(one.answer) is not None]
        topics, found = self.topics(), [self._with_facts(one) for one in known]
        here = {one.answer for one in known}
        for item in self.items():
            if item.kind is ItemKind.RESPONSE and item.name.startswith(ANSWER_PREFIX) and item not in here:
                topic = PurePosixPath(self.path(item)).stem
                found.append(self._with_facts(self._new(item, topic, topics.get(topic, topic))))
        order = list(topics)
        return sorted(found, key=lambda one: order.index(one.topic) if one.topic in order else len(order))

    def faq(self, faq_id: str) -> FaqContent | None:
        """One of them."""
        return next((one for one in self.faqs() if one.id == faq_id), None)

    def _new(self, item: Item, topic: str, topic_title: str) -> FaqContent:
        has, faq_id = Sentence.of(self.value(item)), item.name.removeprefix(ANSWER_PREFIX)
        return FaqContent(
            id=faq_id,
            topic=topic,
            topic_title=topic_title,
            question=has.question,
            title=has.title,
            answer=item,
            examples=Item(ItemKind.EXAMPLES, item.name.removeprefix("utter_")),
            related=has.related,
            slack=bool(has.slack),
        )

    def _with_facts(self, faq: FaqContent) -> FaqContent:
        """With the facts as the draft has them, and the question as it stands there."""
        if not self.draft:
            return faq
        added = [
            one.item
            for one in self.draft.changes
            if one.item.kind is ItemKind.RESPONSE
            and one.item.name.startswith(FACT_PREFIX)
            and about_of(self.value(one.item)).get("of") == faq.id
        ]
        facts = tuple(one for one in dict.fromkeys([*faq.facts, *added]) if self.value(one) is not None)
        has = Sentence.of(self.value(faq.answer))
        return FaqContent(**{**vars(faq), "facts": facts, "question": has.question, "title": has.title})
