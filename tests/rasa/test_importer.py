import pytest
import yaml
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data import loading

FEATURIZER = "bot.nlu.components.featurizer.SentenceTransformerFeaturizer"
IMPORTER = {"name": "bot.rasa.importer.RetrievalIntentImporter", "retrieval_intents": ["faq"]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("ENCODER_MODEL", raising=False)
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def model(folder, **featurizer):
    """The encoder that Rasa trains with, by the config as every `rasa train` reads it."""
    parts = [{"name": "WhitespaceTokenizer"}, {"name": FEATURIZER, **featurizer}]
    config = {"recipe": "default.v1", "language": "en", "importers": [IMPORTER], "pipeline": parts, "policies": []}
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    found = TrainingDataImporter.load_from_config("config.yml").get_config()["pipeline"]
    assert found[0] == parts[0]
    return found[1]["model"]


def test_the_encoder_of_dotenv_is_trained_with(folder):
    (folder / ".env").write_text("ENCODER_MODEL=models/other\n")
    assert model(folder) == "models/other"


def test_the_environment_wins_over_dotenv_and_the_config_over_both(folder, monkeypatch):
    (folder / ".env").write_text("ENCODER_MODEL=models/other\n")
    monkeypatch.setenv("ENCODER_MODEL", "models/third")
    assert model(folder) == "models/third"
    assert model(folder, model="models/named") == "models/named"


def test_the_bundled_encoder_is_the_default(folder):
    assert model(folder) == ""


def test_a_setting_that_cannot_be_meant_is_an_error_rasa_prints(folder):
    (folder / ".env").write_text("SITE_PORT=eighty\n")
    with pytest.raises(InvalidConfigException, match="SITE_PORT must be a whole number"):
        model(folder)


def test_every_file_of_examples_is_read_once(folder, monkeypatch):
    read = []
    load = loading.load_data
    monkeypatch.setattr(loading, "load_data", lambda name, language: read.append(name) or load(name, language))
    config = {"recipe": "default.v1", "language": "en", "importers": [IMPORTER], "pipeline": [], "policies": []}
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    (folder / "domain.yml").write_text('version: "3.1"\nintents: [greet]\n')
    (folder / "nlu.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n'
        "- intent: faq/a\n  examples: |\n    - what\nresponses:\n  utter_faq/a:\n  - text: That.\n"
    )
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["nlu.yml"])
    first = importer.get_nlu_data(language="en")
    assert "utter_faq" in importer.get_domain().action_names_or_texts
    first.training_examples.clear()  # a component may do to its data what it likes
    assert {"hello", "what"} <= {one.get("text") for one in importer.get_nlu_data("en").training_examples}
    assert len(read) == 1
