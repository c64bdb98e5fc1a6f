@rem The module pydoc of this environment.
@setlocal DisableDelayedExpansion
@call :locate
@"%_VIRTUAL_ENV_HERE%python.exe" -m pydoc %*
@exit /b

@rem In a script that was called by its name in quotes, only a subroutine knows the directory.
:locate
@set "_VIRTUAL_ENV_HERE=%~dp0"
@exit /b 0
