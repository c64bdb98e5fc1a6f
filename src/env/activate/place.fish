# The fish of Cygwin and MSYS2 has names of its own for the directories of Windows.
set -l here
command -q cygpath; and set here (command cygpath -u -- @DIR@ | string collect)
if test -z "$here"
    builtin echo 'activate.fish: this environment is of a Python for Windows, and there is no cygpath' >&2
    return 1
end

