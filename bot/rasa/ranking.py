"""Which FAQs a text may ask for, by the model alone: no conversation, and nothing is kept."""

from typing import Any, Dict, List, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

FAQ_INTENT = "faq"


async def faq_ranking(text: str, agent: Optional[Agent]) -> List[Dict[str, Any]]:
    """The likeliest FAQs, best first, each with `id` and `confidence`; none without a model.

    Args:
        text: what somebody looks for, with nothing in it that Rasa takes for a command.
        agent: with its model.
    """
    processor = agent.processor if agent else None
    if processor is None:
        return []
    parsed = await processor.parse_message(UserMessage(text))
    ranking = (parsed.get("response_selector") or {}).get(FAQ_INTENT, {}).get("ranking") or []
    return [
        {"id": one["intent_response_key"].partition("/")[2], "confidence": float(one["confidence"])} for one in ranking
    ]
