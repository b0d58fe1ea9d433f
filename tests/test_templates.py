"""Rules that hold for every template and every static file the frame loads."""

import os
import re
from itertools import accumulate
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from topview_portal import joined_files

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
# Bytes for HTML, styles and scripts of the first visit; a page's HTML takes about 6 kB of it.
FIRST_VISIT = 45_000
HTML = 8_000

each_template = pytest.mark.parametrize(
    "page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT / "templates"))
)


@each_template
def test_a_template_compiles(page: Path) -> None:
    get_template(page.relative_to(ROOT / "templates").as_posix())


@each_template
def test_a_template_includes_only_templates_that_exist(page: Path) -> None:
    for name in re.findall(r"""{% include ['"]([^'"]+)['"]""", page.read_text()):
        get_template(name)


@each_template
def test_a_template_holds_nothing_that_the_content_policy_refuses(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|data:(image|text)", text)
    assert not [tag for tag in re.findall(r"<script[^>]*>", text) if " src=" not in tag]
    assert not re.search(r"(src|srcset)=\"https?:", text)


# Boxes with a ratio of their own, which a picture inside fills.
SIZED = ("surface__picture", "data-hover")


@each_template
def test_the_place_of_a_picture_or_film_is_free_before_it_is_there(page: Path) -> None:
    for tag in re.findall(r"<(?:img|video)\b[^>]*>", page.read_text()):
        assert "width=" in tag or "{% sides " in tag or any(word in tag for word in SIZED), tag


@each_template
def test_a_template_names_only_static_files_that_exist(page: Path) -> None:
    named = re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", page.read_text())
    assert [name for name in named if not finders.find(name)] == []


@pytest.mark.parametrize("sheet", sorted((STATIC / "css").rglob("*.css")), ids=lambda sheet: sheet.stem)
def test_a_stylesheet_closes_only_what_it_opens_so_it_cannot_leave_its_layer(sheet: Path) -> None:
    depths = list(accumulate({"{": 1, "}": -1}.get(sign, 0) for sign in sheet.read_text()))
    assert min(depths) == depths[-1] == 0


def test_every_stylesheet_is_joined_in_its_layer() -> None:
    text = re.sub(r"\s+", " ", joined_files.joined(joined_files.STYLE))
    assert "@import" not in text and "/*" not in text
    for path in (STATIC / "css").rglob("*.css"):
        rules = re.sub(r"/\*.*?\*/\s*|\s+", " ", path.read_text(), flags=re.DOTALL).strip()
        if path.name != "app.css":
            assert re.sub(r" +", " ", f"{{ {rules} }}") in text, path


def classes_of_styles() -> set[str]:
    text = "".join(path.read_text() for path in (STATIC / "css").rglob("*.css"))
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", text, flags=re.DOTALL)))


def text_of_scripts() -> str:
    return "".join(path.read_text() for path in (STATIC / "js").glob("*.js"))


@each_template
def test_every_class_of_a_template_has_styles_or_a_script(page: Path) -> None:
    text = re.sub(r"{{.*?}}", "", re.sub(r"{%.*?%}", " ", page.read_text()))
    named = {name for value in re.findall(r'\sclass="([^"]*)"', text) for name in value.split()}
    styled, scripts = classes_of_styles(), text_of_scripts()
    # What ends in -- is the beginning of a class whose end a view gives.
    begun = {style.partition("--")[0] + "--" for style in styled if "--" in style}
    assert {name for name in named - styled - begun if not re.search(rf"\b{name}\b", scripts)} == set()


def test_every_class_with_styles_is_used_by_someone() -> None:
    views = [path for folder in ("tasks", "topview_portal") for path in (ROOT / folder).rglob("*.py")]
    users = text_of_scripts() + "".join(path.read_text() for path in [*TEMPLATES, *views])
    begun = set(re.findall(r"[\w-]+--(?={{)", users))
    used = begun | set(re.findall(r"[\w-]+", users))
    assert {
        name for name in classes_of_styles() - used if name.partition("--")[0] + "--" not in begun
    } == set()


def test_every_script_is_loaded_by_someone() -> None:
    # Pages for when little works name files without the list of static files.
    named = re.compile(r"(?:{% static '|{{ static_url }})(js/[^'\"]+)(?:' %}|\")")
    linked = {name for page in TEMPLATES for name in named.findall(page.read_text())}
    modules = {
        f"js/{module}.js" for name in joined_files.SCRIPTS for module in joined_files.SCRIPTS[name][1].split()
    }
    assert linked >= joined_files.SCRIPTS.keys()
    assert {f"js/{path.name}" for path in (STATIC / "js").glob("*.js")} == (
        modules | linked - joined_files.SCRIPTS.keys()
    )


@pytest.mark.parametrize("name", joined_files.SCRIPTS)
def test_what_a_joined_module_imports_stands_before_it(name: str) -> None:
    seen: set[str] = set()
    for module in joined_files.SCRIPTS[name][1].split():
        imported = set(re.findall(r'from "\./([\w-]+)\.js"', (STATIC / f"js/{module}.js").read_text()))
        assert imported <= seen, module
        seen.add(module)


def test_joined_files_follow_their_sources_and_are_as_old(tmp_path: Path, settings: Any) -> None:
    settings.VAR = tmp_path
    finder = joined_files.JoinedFilesFinder()
    made = {name: tmp_path / "joined" / name for name, _ in finder.list(None)}
    scripts = {f"js/{name}.js" for name in ("portal", "forms", "comments", "compare", "stage")}
    assert set(made) == {"css/portal.css", *scripts}
    for name, file in made.items():
        assert file.read_text() == joined_files.joined(name)
        assert file.stat().st_mtime >= max(path.stat().st_mtime for path in joined_files.sources(name))
        age = file.stat().st_mtime_ns
        # As from before a change.
        file.write_text("old")
        os.utime(file, (1, 1))
        assert finder.find(name) == str(file)
        assert (file.read_text(), file.stat().st_mtime_ns) == (joined_files.joined(name), age)


def test_a_first_visit_is_light() -> None:
    page = (ROOT / "templates" / "base.html").read_text()
    named = re.findall(r"{% static '([^']+\.(?:js|css))' %}", page)
    assert named == ["css/portal.css", "js/portal.js"]
    assert (
        sum(len(brotli.compress(joined_files.joined(name).encode())) for name in named) + HTML <= FIRST_VISIT
    )
