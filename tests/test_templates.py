"""Rules that hold for every template and every static file the frame loads."""

import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import django_htmx
import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
# For HTML, stylesheets and scripts of the first visit of the task list; a page's HTML takes about 6 kB of it.
FIRST_VISIT = 60_000
HTML = 8_000

each_template = pytest.mark.parametrize(
    "page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT / "templates"))
)


@each_template
def test_a_template_compiles(page: Path) -> None:
    get_template(page.relative_to(ROOT / "templates").as_posix())


@each_template
def test_a_template_holds_nothing_that_the_content_policy_refuses(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|data:(image|text)", text)
    assert not [tag for tag in re.findall(r"<script[^>]*>", text) if " src=" not in tag]
    assert not re.search(r"(src|srcset)=\"https?:", text)


@each_template
def test_a_template_names_only_static_files_that_exist(page: Path) -> None:
    named = re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", page.read_text())
    assert [name for name in named if not (STATIC / name).is_file()] == []


def test_every_stylesheet_is_loaded_by_someone() -> None:
    imported = {
        f"css/{name}" for name in re.findall(r'url\("([^"]+)"\)', (STATIC / "css/app.css").read_text())
    }
    linked = {
        name for page in TEMPLATES for name in re.findall(r"{% static '(css/[^']+)' %}", page.read_text())
    }
    assert {
        path.relative_to(STATIC).as_posix() for path in (STATIC / "css").rglob("*.css")
    } == imported | linked


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
    scripts = list((STATIC / "js").glob("*.js"))
    imports = [name for path in scripts for name in re.findall(r'from "\./([\w-]+\.js)"', path.read_text())]
    assert {f"js/{path.name}" for path in scripts} == linked | {f"js/{name}" for name in imports}


def test_the_frame_of_a_page_leaves_room_for_its_words_in_the_first_visit() -> None:
    page = (ROOT / "templates" / "base.html").read_text() + (ROOT / "templates/tasks/list.html").read_text()
    named = re.findall(r"{% static '([^']+\.(?:js|css))' %}", page)
    imported = re.findall(r'url\("([^"]+)"\)', (STATIC / "css/app.css").read_text())
    files = [STATIC / name for name in named] + [STATIC / "css" / name for name in imported]
    files.append(Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js")
    assert sum(len(brotli.compress(file.read_bytes())) for file in files) + HTML <= FIRST_VISIT
