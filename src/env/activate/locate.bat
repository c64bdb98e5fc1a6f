@rem This environment may be moved: it is where this script is.
@setlocal DisableDelayedExpansion
@for %%i in ("%~dp0..") do @set "_VIRTUAL_ENV_HERE=%%~fi"
@set "_VIRTUAL_ENV_NAME=%_VIRTUAL_ENV_HERE:^=^^%"
@set "_VIRTUAL_ENV_NAME=%_VIRTUAL_ENV_NAME:!=^!%"
@endlocal & set "_VIRTUAL_ENV_HERE=%_VIRTUAL_ENV_HERE%" & if "!!"=="" set "_VIRTUAL_ENV_HERE=%_VIRTUAL_ENV_NAME%"!
