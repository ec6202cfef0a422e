"""Takes from an environment of Python what no running process reads; called by the Dockerfile beside it.

`python deploy/images/slim.py SITE_PACKAGES` removes tests, headers and sources of compiled parts; TensorFlow's headers
and what it makes models with; Faker's lists of anything but names; AWS's descriptions of services but those that Rasa
can keep conversations in; how Babel writes dates in languages but English; samples; and Twilio's services, as our only
channel is the site's. What it removes stays listed in the packages' RECORD: nothing reads that at run time.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = "tests"
SOURCES = (".pyi", ".pyx", ".pxd", ".c", ".cc", ".cpp", ".h", ".hpp", ".a", ".f90")
WHOLE = (
    "tensorflow/include",
    "tensorflow/xla_aot_runtime_src",
    "tensorflow/python/_pywrap_tfcompile.so",  # compiles models ahead of time
    "tensorflow/lite/python/optimize/*.so",  # makes models smaller
    "matplotlib/mpl-data/sample_data",
    "matplotlib/mpl-data/fonts/afm",
    "matplotlib/mpl-data/fonts/pdfcorefonts",
    "scipy/misc/*.dat",
    "symspellpy/frequency_bigramdictionary_*.txt",  # pairs of words: we ask for single ones
    "onnxruntime/capi/libonnxruntime.so.*",  # for C; Python's module has it all inside
    "pip",
    "wheel",
)
# Folders of which only these stay, with the files beside them.
FOLDERS = {"faker/providers": ("person",), "botocore/data": ("dynamodb", "s3", "sts"), "twilio/rest": ("__pycache__",)}
LANGUAGES_KEPT = ("en", "root")


def unneeded(packages: Path) -> Iterator[Path]:
    """The files and folders that go."""
    yield from (one for name in WHOLE for one in packages.glob(name))
    for place, kept in FOLDERS.items():
        yield from (one for one in (packages / place).glob("*") if one.is_dir() and one.name not in kept)
    yield from (one for one in packages.glob("babel/locale-data/*.dat") if not one.name.startswith(LANGUAGES_KEPT))
    yield from (one for one in packages.rglob(TESTS) if one.is_dir())
    yield from (one for one in packages.rglob("*") if one.suffix in SOURCES and one.is_file())


def slim(packages: Path) -> int:
    """Remove them; returns how many bytes that were."""
    before = size(packages)
    for one in list(unneeded(packages)):
        if one.is_dir():
            shutil.rmtree(one)
        else:
            one.unlink(missing_ok=True)
    return before - size(packages)


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    print(f"{slim(Path(sys.argv[1])) / 1e6:.0f} MB removed")
