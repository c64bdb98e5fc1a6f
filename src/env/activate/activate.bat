@rem Activation for cmd:
@rem
@rem     Scripts\activate.bat    enter the environment
@rem     deactivate              leave it; every variable is as it was before
@rem
@rem Every line works with delayed expansion off and on (cmd /v:on): "!!" is empty if it is on. It
@rem gives carets and exclamation marks another meaning, so names are written for both.

@rem Names are UTF-8 in this file.
@set "_VIRTUAL_ENV_CODEPAGE="
@if "@UTF8@"=="yes" @for /f "tokens=2 delims=:." %%a in ('"%SystemRoot%\System32\chcp.com"') do @set "_VIRTUAL_ENV_CODEPAGE=%%a"
@if defined _VIRTUAL_ENV_CODEPAGE @"%SystemRoot%\System32\chcp.com" 65001 >nul
@LOCATE@@set "_VIRTUAL_ENV_NAME=@PROMPT@"
@if "!!"=="" @set "_VIRTUAL_ENV_NAME=@PROMPT_DELAYED@"
@set "_VIRTUAL_ENV_SHOWN=@PS1@"
@if "!!"=="" @set "_VIRTUAL_ENV_SHOWN=@PS1_DELAYED@"
@if defined _VIRTUAL_ENV_CODEPAGE @"%SystemRoot%\System32\chcp.com" %_VIRTUAL_ENV_CODEPAGE% >nul

@rem No directory has a quote in its name.
@setlocal DisableDelayedExpansion
@if not exist "%_VIRTUAL_ENV_HERE%\@BIN@\" @goto missing
@endlocal

@rem Leave the environment that is active, whichever tool made it. "call" doubles carets and expands
@rem variables again, so it gets the name of a variable.
@call "%%_VIRTUAL_ENV_HERE%%\@BIN@\deactivate.bat"

@call :put _OLD_VIRTUAL_ENV VIRTUAL_ENV
@call :put _OLD_VIRTUAL_ENV_PROMPT VIRTUAL_ENV_PROMPT
@call :put VIRTUAL_ENV _VIRTUAL_ENV_HERE
@call :put VIRTUAL_ENV_PROMPT _VIRTUAL_ENV_NAME

@if not defined PATH @set "_OLD_VIRTUAL_PATH_STATE=unset"
@call :put _OLD_VIRTUAL_PATH PATH
@call :put PATH _VIRTUAL_ENV_HERE "\@BIN@;" PATH

@call :put _OLD_VIRTUAL_PYTHONHOME PYTHONHOME
@set "PYTHONHOME="

@if not defined VIRTUAL_ENV_DISABLE_PROMPT @call :prompt
@for %%v in (CODEPAGE HERE NAME SHOWN) do @set "_VIRTUAL_ENV_%%v="
@exit /b 0

:missing
@1>&2 echo activate.bat: directory "%_VIRTUAL_ENV_HERE%\@BIN@" is missing: this environment was moved or deleted
@endlocal
@for %%v in (CODEPAGE HERE NAME SHOWN) do @set "_VIRTUAL_ENV_%%v="
@exit /b 1

:prompt
@if not defined PROMPT @set "_OLD_VIRTUAL_PROMPT_STATE=unset"
@call :put _OLD_VIRTUAL_PROMPT PROMPT
@if not defined PROMPT @set "PROMPT=$P$G"
@call :put PROMPT _VIRTUAL_ENV_SHOWN "" PROMPT
@exit /b 0

@rem :put TO A ["TEXT" B]: the variable TO gets the values of A and, behind TEXT, of B. A value is
@rem named by "!", which is replaced when "&" and quotes in it mean nothing any more. The end of
@rem setlocal takes variables back; that of the loop is not one.
:put
@if not defined %2 @set "%1=" & exit /b 0
@if "!!"=="" @if "%4"=="" @set "%1=!%2!" & exit /b 0
@if "!!"=="" @set "%1=!%2!%~3!%4!" & exit /b 0
@setlocal EnableDelayedExpansion
@set "_VIRTUAL_ENV_VALUE=!%2!"
@if not "%4"=="" @set "_VIRTUAL_ENV_VALUE=!%2!%~3!%4!"
@for /f "eol= delims=" %%v in ("!_VIRTUAL_ENV_VALUE!") do @endlocal & set "%1=%%v"
@exit /b 0
