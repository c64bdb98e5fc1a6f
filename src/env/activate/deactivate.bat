@rem Leaves the environment that activate.bat entered.

@if not defined _OLD_VIRTUAL_PATH @exit /b 0
@set "PATH=%_OLD_VIRTUAL_PATH%"
@if defined _OLD_VIRTUAL_PROMPT @set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@if defined _OLD_VIRTUAL_PYTHONHOME @set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set VIRTUAL_ENV=
@set VIRTUAL_ENV_PROMPT=
@set _OLD_VIRTUAL_PATH=
@set _OLD_VIRTUAL_PROMPT=
@set _OLD_VIRTUAL_PYTHONHOME=
@exit /b 0
