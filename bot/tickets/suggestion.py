"""What will probably help with a request, from its record and its topic."""

from bot.tickets.ticket import Action, TicketRequest

_BY_STAGE = {
    "overdue": Action.ISSUE,
    "exam_passed": Action.ISSUE,
    "waiting_to_be_claimed": Action.RESEND,
    "declined": Action.RESEND,
}
_HELD = {"accepted", "expires_soon", "waiting_to_be_claimed"}
_BY_TOPIC = {"name_correction": Action.CORRECT_NAME}


def suggest(request: TicketRequest) -> Action:
    """What will probably help, from what is known; NONE where nothing tells."""
    topic = request.topic.split("/", 1)[-1]
    if topic in _BY_TOPIC:
        return _BY_TOPIC[topic]
    if request.proven and request.contact not in request.proven and set(request.stages) & _HELD:
        return Action.REPLACE_ADDRESS  # reads mail elsewhere than where the badges are
    by_stage = [_BY_STAGE[stage] for stage in request.stages if stage in _BY_STAGE]
    if by_stage:
        return by_stage[0]
    return Action.MERGE_PROFILES if request.several_profiles else Action.NONE
