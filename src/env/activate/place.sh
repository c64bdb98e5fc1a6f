# The shells of Cygwin, MSYS2 and Git for Windows have names of their own for its directories.
_VIRTUAL_ENV_HERE=$($_VIRTUAL_ENV_ASK \command cygpath -u -- @DIR@ 2>/dev/null) ||
    _VIRTUAL_ENV_PROBLEM='this environment is of a Python for Windows, and this shell has no cygpath'
