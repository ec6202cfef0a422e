import pytest
import rasa.core.processor
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from bot.rasa.patches import OrderedGraphRunner, before_each_node, use_ordered_runner

CALLS = []


class Joined(GraphComponent):
    """Writes down that it was called, and joins its name to what it is given."""

    def __init__(self, config):
        self._name = config["name"]

    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        return cls(config)

    def join(self, first, second=""):
        CALLS.append(self._name)
        if first == "fail":
            raise RuntimeError(self._name)
        return f"{first}{second}{self._name}"


def node(name, **needs):
    return SchemaNode(needs, Joined, "create", "join", {"name": name}, eager=True)


@pytest.fixture
def graph():
    CALLS.clear()
    # written down from the end to the beginning, so that the order must be found
    nodes = {
        "last": node("D", first="left", second="right"),
        "right": node("C", first="start"),
        "left": node("B", first="start"),
        "aside": node("E", first="start"),
        "start": node("A", first="said"),
    }
    return lambda kind: kind.create(GraphSchema(nodes), None, ExecutionContext(GraphSchema(nodes)))


def test_targets_come_out_as_from_rasas_own_runner(graph):
    given = {"inputs": {"said": "x"}, "targets": ["last", "left"]}
    assert (
        graph(OrderedGraphRunner).run(**given)
        == graph(DaskGraphRunner).run(**given)
        == {"last": "xABxACD", "left": "xAB"}
    )


def test_each_needed_node_runs_once_and_no_other(graph):
    runner = graph(OrderedGraphRunner)
    for message in ("x", "y"):
        CALLS.clear()
        assert runner.run({"said": message}, ["last"])["last"].startswith(message)
        assert sorted(CALLS) == ["A", "B", "C", "D"]


@pytest.mark.parametrize("kind", [DaskGraphRunner, OrderedGraphRunner])
def test_a_failing_component_is_named_as_by_rasas_own_runner(graph, kind):
    with pytest.raises(GraphComponentException, match="node start"):
        graph(kind).run({"said": "fail"}, ["last"])


def test_models_are_run_by_it_once_asked_for(monkeypatch):
    monkeypatch.setattr(rasa.core.processor, "DaskGraphRunner", DaskGraphRunner)
    use_ordered_runner()
    assert rasa.core.processor.DaskGraphRunner is OrderedGraphRunner


def test_others_may_go_first_before_each_node(graph):
    runner = graph(OrderedGraphRunner)
    before = before_each_node.set(lambda: CALLS.append("others"))
    try:
        runner.run({"said": "x"}, ["left"])
    finally:
        before_each_node.reset(before)
    assert CALLS == ["others", "A", "others", "B"]
