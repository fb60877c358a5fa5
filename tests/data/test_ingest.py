"""The import from end to end: every layout, every hostile source, nothing half done."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import audit, ingest, intake, store
from tl_core.data.dataset import Dataset
from tl_core.data.ingest import Origin, findings, import_candidates, import_data
from tl_core.data.layout import Candidate
from tl_core.data.split import split
from tl_core.data.store import list_datasets
from tl_core.data.uploads import save_upload
from tl_core.errors import Cancelled, InputError

pytestmark = pytest.mark.usefixtures("thaw_home")

Draw = Callable[..., Path]


@pytest.fixture
def pets(tmp_path: Path, draw_classes: Draw) -> Path:
    """A folder with six pictures each of cats and dogs."""
    return draw_classes(tmp_path / "pets")


def noted(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    return {f.check: f.examples for f in findings(dataset.id)}


def zipped(folder: Path, *, below: str = "") -> Path:
    target = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, below + path.relative_to(folder).as_posix())
    return target


def left() -> list[str]:
    """Return what lies beside the locks in the folder of datasets."""
    root = files.datasets_dir()
    return sorted(p.name for p in root.glob("[!.]*")) if root.exists() else []


def test_a_folder_of_class_folders(pets: Path) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in pets.rglob("*"))
    dataset = import_data(pets)
    assert dataset.name == "pets"
    assert dataset.id.startswith("pets-")
    assert dataset.classes == ("cats", "dogs")
    assert Counter(e.label for e in dataset.examples) == {0: 6, 1: 6}
    assert {e.split for e in dataset.examples} == {""}
    assert all(e.path.is_relative_to(files.datasets_dir()) for e in dataset.examples)
    assert all(files.sha256_of(e.path) == e.key for e in dataset.examples)
    assert dataset.source == str(pets)
    assert noted(dataset) == {}
    assert sorted((p, p.stat().st_mtime_ns) for p in pets.rglob("*")) == before
    assert left() == [dataset.id]


@pytest.mark.parametrize("val", ["val", "valid", "validation"])
def test_given_parts_are_used(tmp_path: Path, draw_classes: Draw, val: str) -> None:
    root = tmp_path / "set"
    for part, n in (("train", 6), (val, 3), ("test", 2)):
        draw_classes(root / part, n=n)
    dataset = import_data(root)
    assert Counter(e.split for e in dataset.examples) == {"train": 12, "val": 6, "test": 4}
    facts = audit.facts(dataset, val_fraction=0.2, seed=0)
    assert facts.splits == {"train": 12, "val": 6, "test": 4}


def test_a_training_part_alone_gives_up_some_for_validation(
    tmp_path: Path, draw_classes: Draw
) -> None:
    draw_classes(tmp_path / "set" / "train", n=10)
    dataset = import_data(tmp_path / "set")
    parts = split(dataset, val_fraction=0.2, seed=0)
    assert (len(parts.train), len(parts.val)) == (16, 4)


@pytest.mark.parametrize("below", ["", "pets/", "a/b/"])
def test_a_zip_gives_the_same_dataset_as_its_folder(pets: Path, below: str) -> None:
    dataset = import_data(zipped(pets, below=below))
    assert dataset.id == import_data(pets).id
    assert left() == [dataset.id]
    folder = files.datasets_dir() / dataset.id
    assert {p.name for p in folder.iterdir()} == {
        "dataset.json",
        "examples.json",
        "findings.json",
        "images",
        "traits.npz",
    }


def test_a_table(pets: Path) -> None:
    rows = ["path,label,split,group"]
    for path in sorted(pets.rglob("*.png")):
        number = int(path.stem.split("-")[1])
        part = "val" if number == 0 else ""
        rows.append(f"{path.relative_to(pets)},{path.parent.name.upper()},{part},g{number % 2}")
    (pets / "labels.csv").write_text("\n".join(rows))
    dataset = import_data(pets / "labels.csv")
    assert dataset.name == "labels"
    assert dataset.classes == ("CATS", "DOGS")
    assert Counter(e.split for e in dataset.examples) == {"": 10, "val": 2}
    assert {e.group for e in dataset.examples} == {"g0", "g1"}


@pytest.mark.parametrize("as_zip", [False, True])
def test_tables_for_each_part(pets: Path, as_zip: bool) -> None:
    for part, numbers in (("train", "0123"), ("val", "4"), ("test", "5")):
        rows = [
            f"{p.relative_to(pets)},{p.parent.name}"
            for p in sorted(pets.rglob("*.png"))
            if p.stem[-1] in numbers
        ]
        (pets / f"{part}.csv").write_text("\n".join(["path,label", *rows]))
    dataset = import_data(zipped(pets, below="set/") if as_zip else pets)
    assert Counter(e.split for e in dataset.examples) == {"train": 8, "val": 2, "test": 2}


def test_a_lone_training_table_may_name_the_parts_itself(pets: Path) -> None:
    rows = [
        f"{p.relative_to(pets)},{p.parent.name},{'test' if p.stem[-1] == '0' else 'train'}"
        for p in sorted(pets.rglob("*.png"))
    ]
    (pets / "train.csv").write_text("\n".join(["path,label,split", *rows]))
    assert Counter(e.split for e in import_data(pets).examples) == {"train": 10, "test": 2}


def test_an_uploaded_folder_with_a_hostile_name(pets: Path) -> None:
    named = [(f"pets/{p.relative_to(pets)}", p.open("rb")) for p in sorted(pets.rglob("*.png"))]
    source = save_upload([*named, ("../../evil.png", named[0][1])])
    for _name, file in named:
        file.close()
    dataset = import_data(source)
    assert (dataset.name, dataset.source) == ("pets", "pets")
    assert noted(dataset) == {"outside": ("../../evil.png",)}


def test_the_same_again_is_found_without_decoding(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = import_data(pets)

    def refuse(*_content: object) -> None:
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(intake, "inspect", refuse)
    seen: list[tuple[int, int]] = []
    assert import_data(pets, progress=lambda *p: seen.append(p)) is first
    assert seen == []
    assert left() == [first.id]


def test_another_name_or_other_content_gives_another_dataset(pets: Path, draw: Draw) -> None:
    ids = {import_data(pets).id, import_data(pets, name="Pets").id}
    draw(pets / "cats" / "more.png", seed=77)
    ids.add(import_data(pets).id)
    assert len(ids) == 3
    assert len(list_datasets()) == 3


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Kätzchen & Hunde", "katzchen-hunde"),
        ("猫", "data"),
        ("../../etc", "etc"),
        ("x" * 500, "x" * 40),
        ("a\0b", "a-b"),
    ],
)
def test_ids_hold_letters_digits_and_hyphens_only(pets: Path, name: str, slug: str) -> None:
    dataset = import_data(pets, name=name)
    assert dataset.id.rpartition("-")[0] == slug
    assert len(dataset.name) <= 80


def test_everything_unusable_is_listed_and_left_out(pets: Path, tmp_path: Path, draw: Draw) -> None:
    (pets / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not really")
    (pets / "cats" / "empty.png").write_bytes(b"")
    (pets / "cats" / "notes.txt").write_text("a note")
    (pets / "cats" / "drawing.svg").write_text("<svg/>")
    (pets / "dogs" / ".DS_Store").write_text("")
    (pets / ".ipynb_checkpoints").mkdir()
    draw(pets / ".ipynb_checkpoints" / "1.png")
    draw(pets / "dogs" / "dot.png", size=(2, 2))
    draw(pets / "stray.png")
    secret = draw(tmp_path / "secret.png", seed=99)
    (pets / "dogs" / "link.png").symlink_to(secret)
    for i in range(4):
        draw(pets / "few" / f"{i}.png", seed=200 + i)
    dataset = import_data(pets)
    assert dataset.classes == ("cats", "dogs")
    assert len(dataset.examples) == 12
    assert noted(dataset) == {
        "small_class": ("few (4 pictures)",),
        "unreadable": ("cats/broken.jpg", "cats/empty.png"),
        "refused_format": ("cats/drawing.svg",),
        "too_small": ("dogs/dot.png",),
        "links": ("dogs/link.png",),
        "not_pictures": ("cats/notes.txt",),
        "hidden": (".ipynb_checkpoints", "dogs/.DS_Store"),
        "stray": ("stray.png",),
    }
    told = {f.check for f in audit.findings(dataset)}
    assert told == noted(dataset).keys() | {"few_pixels"}  # the pictures of this test are tiny


def by_folder(folder: Path) -> Path:
    return folder


def by_upload(folder: Path) -> Path:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    named = [(f"{folder.name}/{path.relative_to(folder)}", path) for path in paths]
    return save_upload((name, io.BytesIO(path.read_bytes())) for name, path in named)


@pytest.mark.parametrize("bring", [by_folder, zipped, by_upload])
def test_untidy_data_are_handled_and_named_by_every_way(
    pets: Path, draw: Draw, bring: Callable[[Path], Path]
) -> None:
    for number in range(6):
        draw(pets / "Cats" / f"{number}.png", seed=300 + number)
        draw(pets / "dogs " / f"{number}.png", seed=400 + number)
        draw(pets / "birds" / "by day" / "far" / f"{number}.png", seed=500 + number)
    draw(pets / "cats" / "spaced.png", seed=600).rename(pets / "cats" / " spaced.png ")
    for name in (".hidden/1.png", "cats/.thumbs/1.png", "__MACOSX/cats/1.png", "loose.png"):
        draw(pets / name, seed=700)
    for name in (".DS_Store", "dogs/Thumbs.db", "read me.txt", "cats/read me.txt"):
        (pets / name).write_text("")
    dataset = import_data(bring(pets))
    assert dataset.classes == ("Cats", "birds", "cats", "dogs")
    assert Counter(e.label for e in dataset.examples) == {0: 6, 1: 6, 2: 7, 3: 12}
    assert "cats/ spaced.png " in {e.name for e in dataset.examples}
    found = {check: set(names) for check, names in noted(dataset).items()}
    hidden = {name.split("/")[-1] for name in found.pop("hidden")}
    assert {".DS_Store", "Thumbs.db"} <= hidden
    assert found == {
        "label_twins": {"Cats", "cats"},
        "labels_merged": {"dogs"},
        "not_pictures": {"cats/read me.txt"},
        "stray": {"loose.png", "read me.txt"},
    }


@pytest.mark.parametrize("bring", [by_folder, zipped, by_upload])
def test_a_lone_table_of_any_name_describes_pictures_in_one_folder(
    tmp_path: Path, draw: Draw, bring: Callable[[Path], Path]
) -> None:
    root = tmp_path / "set"
    rows = ["img_name,species"]
    for number in range(12):
        draw(root / "all" / f"{number}.png", seed=number)
        rows.append(f"all/{number}.png,{'cat' if number % 2 else 'dog'}")
    (root / "about.csv").write_text("\n".join(rows))
    dataset = import_data(bring(root))
    assert Counter(dataset.classes[e.label] for e in dataset.examples) == {"cat": 6, "dog": 6}
    assert noted(dataset) == {}


def test_a_hostile_zip_gives_what_is_sound_in_it(pets: Path, tmp_path: Path) -> None:
    path = zipped(pets, below="pets/")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.png", "x")
        archive.writestr("/abs.png", "x")
        archive.writestr("pets/cats/bomb.png", b"\0" * (2 << 20))
        archive.writestr("__MACOSX/pets/._1.png", "x")
        link = zipfile.ZipInfo("pets/cats/link.png")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    dataset = import_data(path)
    assert len(dataset.examples) == 12
    assert {check: len(names) for check, names in noted(dataset).items()} == {
        "outside": 2,
        "overpacked": 1,
        "links": 1,
        "hidden": 1,
    }
    assert not [p for p in tmp_path.rglob("*") if "evil" in p.name or "abs" in p.name]


def test_suffixes_come_from_the_content(pets: Path) -> None:
    picture = next((pets / "cats").iterdir())
    picture.rename(picture.with_name("virus.exe"))
    dataset = import_data(pets)
    assert len(dataset.examples) == 12
    assert {e.path.suffix for e in dataset.examples} == {".png"}
    assert "cats/virus.exe" in {e.name for e in dataset.examples}


def test_copies_are_kept_bound_together_and_stored_once(pets: Path) -> None:
    one = sorted((pets / "cats").iterdir())[0]
    for i in range(3):
        shutil.copy(one, pets / "cats" / f"copy{i}.png")
    dataset = import_data(pets)
    assert len(dataset.examples) == 15
    copies = [e for e in dataset.examples if e.group]
    assert len(copies) == 4
    assert len({(e.group, e.key, e.path) for e in copies}) == 1
    assert audit.facts(dataset, val_fraction=0.2, seed=0).duplicates == 3
    for seed in range(5):
        inside = set(split(dataset, val_fraction=0.3, seed=seed).val)
        assert len({i in inside for i, e in enumerate(dataset.examples) if e.group}) == 1


def test_one_picture_under_two_labels_is_a_serious_finding(pets: Path) -> None:
    shutil.copy(sorted((pets / "cats").iterdir())[0], pets / "dogs" / "mislabelled.png")
    worst = audit.findings(import_data(pets))[0]
    assert (worst.check, worst.severity, worst.count) == ("conflict", "serious", 1)


def test_a_leak_between_given_parts_is_a_serious_finding(
    tmp_path: Path, draw_classes: Draw
) -> None:
    root = tmp_path / "set"
    draw_classes(root / "train", n=6)
    draw_classes(root / "val", n=5)
    shutil.copy(root / "train" / "cats" / "0-0.png", root / "val" / "cats" / "again.png")
    dataset = import_data(root)
    leak = audit.facts(dataset, val_fraction=0.2, seed=0).leak
    assert (leak.suspected, leak.pairs) == (True, 1)
    assert audit.findings(dataset)[0].check == "leak"


def test_fewer_than_two_classes_fail_with_every_reason_and_leave_nothing(
    tmp_path: Path, draw: Draw
) -> None:
    root = tmp_path / "set"
    for i in range(6):
        draw(root / "cats" / f"{i}.png", seed=i)
    (root / "dogs").mkdir()
    (root / "dogs" / "1.png").write_bytes(b"broken")
    (root / "dogs" / "2.svg").write_text("<svg/>")
    with pytest.raises(InputError) as caught:
        import_data(root)
    fields = {i.field: i.message for i in caught.value.issues}
    assert "Only the class 'cats' is left" in fields["data"]
    assert "damaged" in fields["dogs/1.png"]
    assert "does not read" in fields["dogs/2.svg"]
    assert left() == []


@pytest.mark.parametrize("name", ["nothing", "empty", "film.mp4", "broken.zip", "texts.csv"])
def test_unusable_sources_are_refused_and_leave_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "film.mp4").write_bytes(b"\0" * 100)
    (tmp_path / "broken.zip").write_bytes(b"PK broken")
    (tmp_path / "texts.csv").write_text("text,label\nfine,1\n")
    with pytest.raises(InputError) as caught:
        import_data(tmp_path / name)
    assert all(i.message and i.fix for i in caught.value.issues)
    assert left() == []


def test_groups_that_cannot_be_divided_are_refused_at_once(pets: Path) -> None:
    rows = [f"{p.relative_to(pets)},{p.parent.name},all" for p in sorted(pets.rglob("*.png"))]
    (pets / "labels.csv").write_text("\n".join(["path,label,group", *rows]))
    with pytest.raises(InputError, match="belong to one group"):
        import_data(pets / "labels.csv")
    assert left() == []


def test_a_stopped_import_leaves_nothing(pets: Path) -> None:
    with pytest.raises(Cancelled):
        import_data(pets, should_stop=lambda: True)
    assert left() == []
    with pytest.raises(Cancelled):
        import_data(zipped(pets), should_stop=lambda: True)
    assert left() == []


def test_progress_reaches_the_end(pets: Path) -> None:
    seen: list[tuple[int, int]] = []
    import_data(pets, progress=lambda *p: seen.append(p), should_stop=lambda: False)
    assert seen == [(12, 12)]


def test_a_full_disk_leaves_nothing(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if files.datasets_dir() in path.parents:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="The disk is full"):
        import_data(pets)
    assert left() == []


_LIMITED = """
import resource, sys
from pathlib import Path
from tl_core.data.ingest import import_data
from tl_core.errors import InputError
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    import_data(Path(sys.argv[1]))
except InputError as error:
    print(error.issues[0].field)
"""


def test_a_limit_on_file_sizes_is_told_like_a_full_disk(pets: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(pets)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "disk"
    assert left() == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from tl_core.data.ingest import import_data
import_data(Path(sys.argv[1]), progress=lambda *p: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_import_looks_unfinished_and_the_next_one_cleans_up(pets: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(pets)])
    assert done.returncode == -signal.SIGKILL
    (unfinished,) = left()
    assert unfinished.endswith(".partial")
    assert list((files.datasets_dir() / unfinished / "images").rglob("*.png"))
    assert list_datasets() == ()
    dataset = import_data(pets)
    assert left() == [dataset.id]
    assert len(dataset.examples) == 12


def test_files_with_names_that_are_no_text_can_be_imported(pets: Path, draw: Draw) -> None:
    picture = draw(pets / "cats" / "odd.png", seed=500)
    picture.rename(pets / "cats" / os.fsdecode(b"odd\xff.png"))
    dataset = import_data(pets)
    assert "cats/odd?.png" in {e.name for e in dataset.examples}


def test_known_files_can_be_imported_from_anywhere(pets: Path) -> None:
    candidates = [Candidate(p.name, p, p.parent.name.upper()) for p in sorted(pets.rglob("*.png"))]
    dataset = import_candidates(candidates, Origin("known", "sample:known:1"))
    assert (dataset.name, dataset.source) == ("known", "sample:known:1")
    assert dataset.classes == ("CATS", "DOGS")


def test_a_change_of_the_rules_imports_anew(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = import_data(pets)
    monkeypatch.setattr(ingest, "RULES_VERSION", ingest.RULES_VERSION + 1)
    assert import_data(pets).id != first.id


@pytest.mark.data
def test_ants_and_bees(data_root: Path) -> None:
    dataset = import_data(data_root / "ants_bees")
    assert dataset.classes == ("ants", "bees")
    assert Counter(e.split for e in dataset.examples) == {"train": 243, "val": 153}
    assert {e.path.suffix for e in dataset.examples} == {".jpg"}
    assert findings(dataset.id) == ()


@pytest.mark.data
def test_a_folder_of_text_tables_becomes_a_set_of_texts(data_root: Path) -> None:
    made = import_data(data_root / "sst2")
    assert made.modality == "text"
    assert made.classes == ("negative", "positive")
    assert Counter(e.split for e in made.examples) == {"train": 6920, "val": 872, "test": 1821}
    assert all(e.text and e.pixels for e in made.examples)
    assert store.load(made.id) == made
