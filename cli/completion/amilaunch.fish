# fish completion for amilaunch, which says itself what may come next (cli/completion.h).

function __amilaunch_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    for candidate in ($before[1] help --complete $before[2..-1] $typed 2>/dev/null)
        switch $candidate
            case :files
                __fish_complete_path $typed
            case :folders
                __fish_complete_directories $typed ''
            case '*'
                echo $candidate
        end
    end
end

complete -c amilaunch -f -a '(__amilaunch_complete)'
