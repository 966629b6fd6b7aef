# bash completion for op25bctl(8): commands, and each one's own options, from its --help.
# shellcheck shell=bash

_op25bctl() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' i words

    COMPREPLY=()
    case $previous in
    -c | -s)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --event)
        words='reject relay observe overload misdirected rollup audit alarm'
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        return
        ;;
    --by)
        mapfile -t COMPREPLY < <(compgen -W 'source net plan destination' -- "$word")
        return
        ;;
    --format)
        [[ " ${COMP_WORDS[*]} " != *' report '* ]] ||
            mapfile -t COMPREPLY < <(compgen -W 'xarf csv json' -- "$word")
        return
        ;;
    --lang)
        mapfile -t COMPREPLY < <(compgen -W 'en ja' -- "$word")
        return
        ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -c | -s) ((i++)) ;;
        -*) ;;
        *) command=${COMP_WORDS[i]} && break ;;
        esac
    done
    if [ -z "$command" ]; then
        words="-s -c --json --help --version $(op25bctl --help 2>/dev/null |
            sed -n '/^commands:/,$ { s/^  \([a-z]*\).*/\1/p }')"
    else
        words="--json --help $(op25bctl "$command" --help 2>/dev/null |
            sed -n 's/^  \(--[a-z-]*\).*/\1/p')"
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _op25bctl op25bctl
