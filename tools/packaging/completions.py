"""Completions of the command line, for one shell.

``python -m tools.packaging.completions bash|zsh|fish``
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tools.packaging.words import FILES, Argument, Command, commands, program

_HEAD = "Made from the code: see tools/packaging."


def bash() -> str:
    """Return the file for bash; it needs nothing of the package bash-completion but being loaded by it."""
    lines = [
        f"# {_HEAD}",
        "_whimbrel() {",
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= each",
        # A name with a colon (ok:long) is three words to bash.
        "    if [[ $word == : || $before == : ]]; then",
        '        COMPREPLY=($(compgen -W long -- "${word#:}"))',
        "        return",
        "    fi",
        '    for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
        "        [[ $each == -* ]] || { command=$each; break; }",
        "    done",
        '    case "$command $before" in',
    ]
    everything = [program(), *commands()]
    for command in everything:
        for option in command.options:
            if option.takes is not None:
                patterns = " | ".join(f'"{command.name} {each}"' for each in option.options)
                lines.append(f"        {patterns}) {_bash_reply(option.takes)}; return ;;")
    lines += ["    esac", "    case $command in"]
    for command in everything:
        options = _words(command.options)
        if not command.name:
            words = " ".join([each.name for each in commands()] + options)
            lines.append(f'        "") {_bash_reply(words)} ;;')
            continue
        files = any(place.takes == FILES for place in command.places)
        words = " ".join(
            options + [word for place in command.places if place.takes != FILES for word in place.takes or ()]
        )
        more = f"; {_bash_reply(FILES, add=True)}" if files else ""
        lines.append(f"        {command.name}) {_bash_reply(words)}{more} ;;")
    lines += ["    esac", "}", "complete -o filenames -F _whimbrel whimbrel"]
    return "\n".join(lines) + "\n"


def _bash_reply(takes: tuple[str, ...] | str, *, add: bool = False) -> str:
    if takes == FILES:
        return 'while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "$word")'
    words = takes if isinstance(takes, str) else " ".join(takes)
    return f'COMPREPLY{"+" * add}=($(compgen -W "{words}" -- "$word"))'


def zsh() -> str:
    """Return the file for zsh, as its function ``_whimbrel``."""
    lines = ["#compdef whimbrel", f"# {_HEAD}", "local curcontext=$curcontext state line", "local -a found"]
    arguments = [*_zsh_arguments(program()), "'1: :->command'", "'*:: :->rest'"]
    lines += [
        "_arguments -C \\",
        *(f"    {each} \\" for each in arguments),
        "    && return",
        "case $state in",
        "command)",
    ]
    lines += ["    found=(", *(f"        {_quote(f'{each.name}:{each.help}')}" for each in commands()), "    )"]
    lines += ["    _describe command found ;;", "rest)", "    case $words[1] in"]
    for command in commands():
        lines += [
            f"    {command.name}) _arguments \\",
            *(f"        {each} \\" for each in _zsh_arguments(command)),
            "        ;;",
        ]
    return "\n".join([*lines, "    esac ;;", "esac"]) + "\n"


def _zsh_arguments(command: Command) -> Iterator[str]:
    for option in command.options:
        said = option.help.translate({ord("["): "(", ord("]"): ")", ord(":"): "\\:"})
        apart = f"({' '.join(option.options)})" if len(option.options) > 1 else ""
        for each in option.options:
            yield _quote(f"{apart}{each}[{said}]{_zsh_takes(option)}")
    for place in command.places:
        yield _quote(f"*{_zsh_takes(place)}")


def _zsh_takes(argument: Argument) -> str:
    if argument.takes is None:
        return ""
    if argument.takes == FILES:
        return ": :_files"
    return f": :({' '.join(each.replace(':', chr(92) + ':') for each in argument.takes)})"


def fish() -> str:
    """Return the file for fish."""
    lines = [f"# {_HEAD}", "complete -c whimbrel -f"]
    lines += [f"complete -c whimbrel -n __fish_use_subcommand{_fish(each)}" for each in program().options]
    for command in commands():
        lines.append(f"complete -c whimbrel -n __fish_use_subcommand -a {command.name} -d {_quote(command.help)}")
        seen = _quote(f"__fish_seen_subcommand_from {command.name}")
        lines += [f"complete -c whimbrel -n {seen}{_fish(each)}" for each in (*command.options, *command.places)]
    return "\n".join(lines) + "\n"


def _fish(argument: Argument) -> str:
    text = "".join(f" -l {each[2:]}" if each.startswith("--") else f" -s {each[1:]}" for each in argument.options)
    if argument.takes is not None:
        text += " -x" * bool(argument.options and argument.takes != FILES)
        text += " -r" * bool(argument.options and argument.takes == FILES)
        text += " -F" if argument.takes == FILES else f" -a {_quote(' '.join(argument.takes))}" * bool(argument.takes)
    return f"{text} -d {_quote(argument.help)}"


def _words(arguments: tuple[Argument, ...]) -> list[str]:
    return [each for argument in arguments for each in argument.options]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

if __name__ == "__main__":
    sys.stdout.write(SHELLS[sys.argv[1]]())
