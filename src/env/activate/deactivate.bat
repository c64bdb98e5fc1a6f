@rem Leaves the environment that activate.bat entered.

@if not defined _OLD_VIRTUAL_PATH @if not defined _OLD_VIRTUAL_PATH_STATE @exit /b 0
@call :put PATH _OLD_VIRTUAL_PATH
@if defined _OLD_VIRTUAL_PROMPT @call :put PROMPT _OLD_VIRTUAL_PROMPT
@if defined _OLD_VIRTUAL_PROMPT_STATE @set "PROMPT="
@if defined _OLD_VIRTUAL_PYTHONHOME @call :put PYTHONHOME _OLD_VIRTUAL_PYTHONHOME
@call :put VIRTUAL_ENV _OLD_VIRTUAL_ENV
@call :put VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_ENV_PROMPT
@for %%v in (PATH PATH_STATE PROMPT PROMPT_STATE PYTHONHOME ENV ENV_PROMPT) do @set "_OLD_VIRTUAL_%%v="
@exit /b 0

@rem :put TO A: the variable TO gets the value of A (see activate.bat).
:put
@if not defined %2 @set "%1=" & exit /b 0
@if "!!"=="" @set "%1=!%2!" & exit /b 0
@setlocal EnableDelayedExpansion
@for /f "eol= delims=" %%v in ("!%2!") do @endlocal & set "%1=%%v"
@exit /b 0
