"""The tab key in bash."""

from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class


class Bash(BashComplete):
    """Bash shows a word and no more of each candidate. Where there are several, what people call it stands beside it:
    nothing of that is typed, because bash types only what they have in common."""

    source_template = """\
%(complete_func)s() {
    local type value help
    COMPREPLY=()
    while IFS=$'\\t' read -r type value help; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value${help:+  ($help)}")
                [[ $value == *= ]] && compopt -o nospace ;;
        esac
    done < <(IFS=$'\\n'; env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
    if (( ${#COMPREPLY[@]} == 1 || COMP_TYPE == 37 || COMP_TYPE == 42 )); then
        COMPREPLY=("${COMPREPLY[@]%%%%  (*}")
    fi
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type}\t{item.value}\t{item.help or ''}"


def use_our_bash() -> None:
    """Have the library complete for bash as we do."""
    add_completion_class(Bash)
