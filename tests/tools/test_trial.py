from __future__ import annotations

import pytest
from tools import trial

PAGE = """\
| file | what | left out |
|---|---|---|
| `src/a.py` | all | |
| `src/b.py` | a line; by `make docs` | `test_it`, `another` |

`src/a.py`:

```python
one = 1
```

In `src/b.py`:

```diff
 first
+second
```

```
.venv/bin/python -m pytest -n 0 'tests/a b.py'
```
"""


def test_a_page_is_taken_apart() -> None:
    page = trial.read(PAGE)
    assert page.new == {"src/a.py": "one = 1\n"}
    assert page.hunks == (("src/b.py", " first\n+second\n"),)
    assert page.rows == (trial.Row("src/a.py", ()), trial.Row("src/b.py", ("test_it", "another")))
    assert page.tests == ("-m", "pytest", "-n", "0", "tests/a b.py")


def test_a_hunk_goes_where_its_context_stands() -> None:
    assert trial.patched("zero\nfirst\nthird\n", " first\n-third\n+second\n") == "zero\nfirst\nsecond\n"
    for text in ("zero\n", "first\nfirst\n"):
        with pytest.raises(ValueError, match="times"):
            trial.patched(text, " first\n+second\n")


@pytest.mark.parametrize("name", trial.KINDS)
def test_the_hunks_of_each_page_fit_the_code(name: str) -> None:
    page = trial.read((trial.PAGES / f"{name}.md").read_text(encoding="utf-8"))
    assert page.rows
    assert page.tests
    texts: dict[str, str] = {}
    for path, hunk in page.hunks:
        text = texts.get(path) or (trial.ROOT / path).read_text(encoding="utf-8")
        texts[path] = trial.patched(text, hunk)
    made = {*page.new, *texts}
    assert made <= {row.path for row in page.rows}, f"docs/contributing/{name}.md: put them all into its table"
