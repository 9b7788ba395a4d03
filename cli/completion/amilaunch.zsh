#compdef amilaunch
# zsh completion for amilaunch, which says itself what may come next (cli/completion.h).

_amilaunch() {
    local line text about
    local -a texts shown open open_shown
    for line in "${(@f)$("${words[1]}" help --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        text=${line%%$'\t'*}
        about=${line#$text}
        about=${about#$'\t'}
        case $text in
            '') ;;
            :files) _files ;;
            :folders) _files -/ ;;
            *=) open+=("$text") open_shown+=("$text") ;;
            *) texts+=("$text") shown+=("${text}${about:+  -- $about}") ;;
        esac
    done
    (( ! $#texts )) || compadd -l -d shown -a texts
    (( ! $#open )) || compadd -S '' -l -d open_shown -a open
}

_amilaunch "$@"
