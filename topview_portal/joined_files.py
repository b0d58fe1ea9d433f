"""Styles and scripts that pages load as one file each, joined of the readable ones in `static/`.

`css/portal.css` is `css/app.css` with what it imports. A script is libraries, as they are, and then the
portal's own modules in one scope, each in a block of its own, so that their names do not meet and a fault in
one leaves the others at work; only what a module exports is seen by those after it. Comments on lines of
their own stay in the sources.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

STYLE = "css/portal.css"
# By the script's name: libraries by their static names, and files of static/js in this order.
SCRIPTS: dict[str, tuple[str, str]] = {
    # On every page. confirm comes before submit-once, which must not see a refused send.
    "js/portal.js": (
        "django_htmx/htmx-2.min.js vendor/idiomorph/idiomorph-ext.min.js",
        "theme polling elapsed-time relative-time toasts menus confirm submit-once field-errors media-retry"
        " draft player print",
    ),
    # Where files are brought or chosen. What others take something from comes first.
    "js/forms.js": (
        "",
        "upload-state bounding-box picture-source strokes conditional script-length selection asset-list"
        " painter placement upload picker read-page",
    ),
    # Where a film, a sound or a picture stands on a stage.
    "js/stage.js": (
        "",
        "frame-clock stage-player stage-acts stage-bar stage-keys stages stage-zoom stage-transcript",
    ),
    # Where two versions are compared.
    "js/compare.js": ("", "frame-clock comparison"),
    # Where people talk about what stands there; after it, since it looks at what the stage has prepared.
    "js/comments.js": ("", "strokes comment-thread comment-place comment-drawing mentions"),
}
_SOURCES = settings.BASE_DIR / "static"
_IMPORTED_STYLE = re.compile(r'@import url\("(?P<name>[^"]+)"\) layer\((?P<layer>\w+)\);')
_STYLE_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_IMPORT = re.compile(r'^import .* from "\./[\w-]+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)


class JoinedFilesFinder(finders.BaseFinder):
    """Finds the joined files as if they stood in `static/`; they follow their sources."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.storage = FileSystemStorage(settings.VAR / "joined")

    # As Django calls it, which its stubs split into overloads.
    def find(  # type: ignore[override]
        self, path: str, find_all: object = None, **options: object
    ) -> str | Sequence[str]:
        """Where the file of that name is; an empty list where it is none of these."""
        if path != STYLE and path not in SCRIPTS:
            return []
        found = self._written(path)
        return [found] if find_all or options.get("all") else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Each joined file's name, and the storage that has it."""
        for name in (STYLE, *SCRIPTS):
            self._written(name)
            yield name, self.storage

    def _written(self, name: str) -> str:
        """The file's path. It is as old as its newest source, so that what was collected is known again."""
        file = Path(self.storage.path(name))
        newest = max(path.stat().st_mtime for path in (Path(__file__), *sources(name)))
        if not file.exists() or file.stat().st_mtime != newest:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Several processes may do this at once; none reads half a file. Who may read it, the umask says.
            made = file.with_name(f"{secrets.token_hex(8)}{file.suffix}")
            made.write_text(joined(name))
            os.utime(made, (newest, newest))
            made.replace(file)
        return str(file)


def sources(name: str) -> Sequence[Path]:
    """The files of which a joined file is made. Raises LookupError where a library is not installed."""
    return [*(_SOURCES / "css").rglob("*.css")] if name == STYLE else [*_libraries(name), *_modules(name)]


def _libraries(name: str) -> Iterator[Path]:
    for library in SCRIPTS[name][0].split():
        found = finders.find(library)
        if not isinstance(found, str):
            raise LookupError(f"No static file {library}")
        yield Path(found)


def _modules(name: str) -> Iterator[Path]:
    return (_SOURCES / "js" / f"{module}.js" for module in SCRIPTS[name][1].split())


def joined(name: str) -> str:
    """The text of a joined file."""
    if name == STYLE:
        return _STYLE_COMMENT.sub(
            "", _IMPORTED_STYLE.sub(_in_its_layer, (_SOURCES / "css/app.css").read_text())
        )
    libraries = "".join(f"{path.read_text()};\n" for path in _libraries(name))
    modules = "".join(map(_without_module, _modules(name)))
    return f'{libraries}(() => {{\n"use strict";\n{modules}}})();\n'


def _in_its_layer(found: re.Match[str]) -> str:
    return f"@layer {found['layer']} {{\n{(_SOURCES / 'css' / found['name']).read_text()}}}"


def _without_module(path: Path) -> str:
    text = _COMMENT.sub("", _IMPORT.sub("", path.read_text()))
    # A fault is told as where nobody catches it.
    alone = f"try {{\n{text}}} catch (error) {{ reportError(error); }}\n"
    return _EXPORT.sub("", text) if _EXPORT.search(text) else alone
