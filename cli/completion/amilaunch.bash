# bash completion for amilaunch, which says itself what may come next (cli/completion.h).

_amilaunch()
{
    local line=${COMP_LINE:0:COMP_POINT} words=() typed broken='' candidate
    read -ra words <<<"$line"
    [[ -n $line && $line != *[[:space:]] ]] || words+=('')
    typed=${words[${#words[@]}-1]}
    # Readline takes what follows a = or a : for a word of its own, and has what is before it already.
    [[ $COMP_WORDBREAKS != *=* || $typed != *=* ]] || broken=${typed%"${typed##*=}"}
    [[ $COMP_WORDBREAKS != *:* || ${typed#"$broken"} != *:* ]] || broken=${typed%"${typed##*[=:]}"}

    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        case $candidate in
            :files) compopt -o default ;;
            :folders) compopt -o dirnames ;;
            *) [[ $candidate != *= ]] || compopt -o nospace
               # A key pair's name may have blanks, and whatever else means something to the shell.
               [[ $candidate != *[!A-Za-z0-9_.,:=/@+-]* ]] || printf -v candidate %q "$candidate"
               COMPREPLY+=("${candidate#"$broken"}") ;;
        esac
    done < <("$1" help --complete "${words[@]:1}" 2>/dev/null)
}
complete -F _amilaunch amilaunch
