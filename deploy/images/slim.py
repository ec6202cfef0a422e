"""Takes from an environment of Python what no running process reads; called by the Dockerfile beside it.

`python deploy/images/slim.py SITE_PACKAGES` removes tests, headers and sources of compiled parts, TensorFlow's headers,
Faker's lists of anything but names, and AWS's descriptions of services but those that Rasa can keep conversations in.
Installed files that it removes stay listed in their packages' RECORD: nothing reads that at run time.
"""

import shutil
import sys
from pathlib import Path

TESTS = ("tests", "test", "testing_data")
SOURCES = (".pyi", ".pyx", ".pxd", ".c", ".cc", ".cpp", ".h", ".hpp", ".a", ".f90")
WHOLE = ("tensorflow/include", "tensorflow/xla_aot_runtime_src", "pip", "wheel")
ONLY = {"faker/providers": ("person",), "botocore/data": ("dynamodb", "s3", "sts")}  # folders of which these stay


def slim(packages: Path) -> int:
    """Remove it; returns how many bytes that were."""
    before = size(packages)
    for name in WHOLE:
        shutil.rmtree(packages / name, ignore_errors=True)
    for folder in sorted(packages.rglob("*")):
        if folder.is_dir() and folder.name in TESTS:
            shutil.rmtree(folder, ignore_errors=True)
    for file in packages.rglob("*"):
        if file.is_file() and file.suffix in SOURCES:
            file.unlink()
    for place, kept in ONLY.items():
        for folder in (packages / place).glob("*"):
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder)
    return before - size(packages)


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    print(f"{slim(Path(sys.argv[1])) / 1e6:.0f} MB removed")
