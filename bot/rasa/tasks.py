"""Which actions follow on a message: what is done outside of tasks, and what interrupts, leaves or ends each task.

A task is a form of Rasa's that is under way. Its form reads every message first; what it does not take leaves the task
where data/stories/tasks.yml says so, and is a digression otherwise: it is done as outside of tasks, and the form asks
again. No Rasa in here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LISTEN, END_TASK = "action_listen", "action_deactivate_loop"
Actions = tuple[str, ...]


@dataclass(frozen=True)
class TaskRow:
    """One form: what is done once it is filled, which intents leave it by which actions, and who speaks without it.

    `instead`: for intents that are spoken of differently within the task than outside.
    """

    then: Actions
    leaves: Mapping[str, Actions] = field(default_factory=dict)
    instead: Mapping[str, Actions] = field(default_factory=dict)


@dataclass(frozen=True)
class TurnSoFar:
    """What has happened since the person's message.

    `task` is the form that was under way when it came, `active` the one that is now; `done` are the actions since, and
    `rejected` says that the form has not taken the message.
    """

    intent: str
    task: str = ""
    active: str = ""
    rejected: bool = False
    done: Actions = ()


@dataclass(frozen=True)
class TaskTable:
    """Everything that may follow on a message."""

    outside: Mapping[str, Actions]
    tasks: Mapping[str, TaskRow]
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, content: Mapping[str, Any], outside: Mapping[str, Sequence[str]], names: Mapping[str, str]
    ) -> "TaskTable":
        """From the file's content, and the rules of data/stories/rules.yml by intent, with their names."""
        tasks = {name: _row(row) for name, row in content["tasks"].items()}
        return cls({intent: tuple(actions) for intent, actions in outside.items()}, tasks, names)

    def next(self, turn: TurnSoFar) -> str:
        """The next action; LISTEN when it is the person's turn."""
        last = turn.done[-1] if turn.done else ""
        if last in self.tasks and turn.active == last:
            return LISTEN  # the form has asked
        if not turn.done and turn.task and not turn.rejected:
            return turn.task
        filled = next((place for place in reversed(range(len(turn.done))) if turn.done[place] in self.tasks), None)
        if filled is not None and not turn.active:
            then, after = self.tasks[turn.done[filled]].then, turn.done[filled + 1 :]
            return next((one for one in then if one not in after), LISTEN)
        return next(self._rest(turn), LISTEN)

    def reason(self, turn: TurnSoFar) -> str:
        """What makes `next` say what it says: a form, a line of the table, or a rule."""
        last = turn.done[-1] if turn.done else ""
        if last in self.tasks or (not turn.done and turn.task and not turn.rejected):
            return f"form {last if last in self.tasks else turn.task}"
        row = self.tasks.get(turn.task)
        if row and (turn.intent in row.leaves or turn.intent in row.instead):
            return f"{turn.task}: {turn.intent}"
        return f'rule "{self.names[turn.intent]}"' if turn.intent in self.names else ""

    def _rest(self, turn: TurnSoFar) -> Iterator[str]:
        """What is still to be done of what the message asks for."""
        planned = list(self.plan(turn.task, turn.intent))
        for done in turn.done:
            if planned and planned[0] == done:
                planned.pop(0)
        yield from planned

    def plan(self, task: str, intent: str) -> Actions:
        """What is done with a message that no form takes."""
        outside = self.outside.get(intent, ())
        row = self.tasks.get(task)
        if row is None:
            return outside
        if intent in row.leaves:
            return row.leaves[intent]
        return (*row.instead.get(intent, outside), task)


def _row(row: Mapping[str, Any]) -> TaskRow:
    leaves = {intent: tuple(actions) for intent, actions in (row.get("leaves") or {}).items()}
    instead = {intent: tuple(actions) for intent, actions in (row.get("instead") or {}).items()}
    return TaskRow(tuple(row.get("then") or ()), leaves, instead)
