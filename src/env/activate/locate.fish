# This environment may be moved: it is where this script is.
if not test -f (status dirname)/../pyvenv.cfg
    echo 'activate.fish: cannot tell where this environment is: it is relocatable, and' \
        'was sourced through a link' >&2
    return 1
end
set -l here (builtin realpath -s -- (status dirname)/.. | string collect)

