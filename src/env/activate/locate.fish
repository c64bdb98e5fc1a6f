# This environment may be moved: it is where this script is.
set -l here (builtin realpath -s -- (status dirname | string collect)/.. | string collect)
if not test -f "$here"/pyvenv.cfg
    builtin echo 'activate.fish: cannot tell where this environment is: it is relocatable, and' \
        'was sourced through a link' >&2
    return 1
end

