"""What the house promises about itself, read from its own source (architecture.md 2, 5, 6)."""

import ast
import re
import statistics
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
ROOMS = ("accounts", "billing", "messaging", "config")
OURS = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
NAMES_OF_BINS = {"services", "selectors", "utils", "helpers", "core", "common", "misc", "base_model"}
PURE = ["messaging/policy.py", "billing/ledger.py", "billing/periods.py", "billing/allotments.py"]
OF_THE_WEB = ("django.http", "django.views", "django.template", "django.shortcuts", "celery", "kombu")
OVER_25_LINES = 0.1


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def _imports(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            found |= {alias.name for alias in part.names}
        elif isinstance(part, ast.ImportFrom) and part.module:
            found |= {part.module, *(f"{part.module}.{alias.name}" for alias in part.names)}
    return found


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("name", PURE)
def test_a_rule_knows_no_web_and_no_worker(name):
    found = {module for module in _imports(_tree(ROOT / name)) if module.startswith(OF_THE_WEB)}

    assert found == set()


def test_nothing_imports_the_composition_root():
    culprits = [
        _name(path)
        for path in OURS
        if path.relative_to(ROOT).parts[0] != "config"
        and any(module.partition(".")[0] == "config" for module in _imports(_tree(path)))
    ]

    assert culprits == []


def test_a_room_imports_only_those_below_it():
    order = {room: place for place, room in enumerate(ROOMS)}
    culprits = [
        f"{_name(path)} imports {module}"
        for path in OURS
        for module in _imports(_tree(path))
        if order.get(module.partition(".")[0], -1) > order[path.relative_to(ROOT).parts[0]]
    ]

    assert culprits == []


def test_no_import_hides_inside_a_function():
    culprits = [
        f"{_name(path)}:{function.name} imports {module}"
        for path in OURS
        for function in _functions(path)
        for module in _imports(function)
        if module.partition(".")[0] in ROOMS and function.name != "ready"
    ]

    assert culprits == []


def test_no_module_is_a_bin():
    assert [_name(path) for path in OURS if path.stem in NAMES_OF_BINS or path.parent.name in NAMES_OF_BINS] == []


def test_a_file_is_at_most_300_lines():
    # The settings are one file by design: an operator reads them from top to bottom.
    long = [_name(path) for path in OURS if len(path.read_text().splitlines()) > 300]

    assert [name for name in long if name != "config/settings.py"] == []


def test_functions_are_short():
    lengths = sorted(_length(function) for path in OURS for function in _functions(path))

    assert statistics.median(lengths) <= 10
    assert sum(length > 25 for length in lengths) <= OVER_25_LINES * len(lengths)
    assert lengths[-1] <= 60


def test_every_module_says_what_it_is():
    modules = [path for path in OURS if path.name != "__init__.py"]

    assert [_name(path) for path in modules if not ast.get_docstring(_tree(path))] == []


def test_no_error_of_any_kind_is_swallowed():
    culprits = [
        f"{_name(path)}:{node.lineno}"
        for path in OURS
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]

    assert culprits == []


def test_nobody_trusts_markup():
    assert [_name(path) for path in OURS if re.search(r"mark_safe|\|safe\b", path.read_text())] == []
    templates = (ROOT / "templates").rglob("*.html")
    assert [_name(path) for path in templates if re.search(r"\|\s*safe\b|autoescape off", path.read_text())] == []


def test_a_page_has_no_inline_style_or_script():
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.relative_to(ROOT).parts]
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)

    assert [_name(path) for path in pages if inline.search(path.read_text())] == []


def test_every_list_of_indexes_names_the_queries_that_need_them():
    culprits = [
        f"{_name(path)}: {first.strip()}"
        for path in OURS
        for first in re.findall(r"^ +indexes = \[\n(.*)$", path.read_text(), re.MULTILINE)
        if not first.strip().startswith("#")
    ]

    assert culprits == []


def test_every_variable_of_the_settings_is_explained():
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config/settings.py").read_text())
    explained = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    read += re.findall(r'environ\.get\("([A-Z_]+)"', (ROOT / "config/management/commands/up.py").read_text())

    assert set(read) | {"DATA_DIR"} == set(explained)


def test_the_lock_files_agree_and_name_no_index():
    pins: dict[str, set[str]] = {}
    for path in ROOT.glob("requirements*.txt"):
        text = path.read_text()
        assert not re.search(r"https?://|--index|--find-links|file:", text), path
        for package, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", text, re.MULTILINE):
            pins.setdefault(package, set()).add(version)

    assert {package: versions for package, versions in pins.items() if len(versions) > 1} == {}
