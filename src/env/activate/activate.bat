@rem Activation for cmd:
@rem
@rem     Scripts\activate.bat    enter the environment
@rem     deactivate              leave it
@rem
@rem What a variable holds is never named outside of quotes: "&" is a command there.

@if defined _OLD_VIRTUAL_PATH @call "%~dp0deactivate.bat"

@rem The environment is where this script is.
@for %%i in ("%~dp0..") do @set "VIRTUAL_ENV=%%~fi"

@rem Names are UTF-8 in this file.
@for /f "tokens=2 delims=:." %%a in ('"%SystemRoot%\System32\chcp.com"') do @set "_OLD_CODEPAGE=%%a"
@if defined _OLD_CODEPAGE @"%SystemRoot%\System32\chcp.com" 65001 >nul
@set "VIRTUAL_ENV_PROMPT=@PROMPT@"
@if not defined PROMPT @set "PROMPT=$P$G"
@if not defined VIRTUAL_ENV_DISABLE_PROMPT @set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@if not defined VIRTUAL_ENV_DISABLE_PROMPT @set "PROMPT=@PS1@%PROMPT%"
@if defined _OLD_CODEPAGE @"%SystemRoot%\System32\chcp.com" %_OLD_CODEPAGE% >nul
@set _OLD_CODEPAGE=

@if defined PYTHONHOME @set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@set PYTHONHOME=

@set "_OLD_VIRTUAL_PATH=%PATH%"
@set "PATH=%VIRTUAL_ENV%\@BIN@;%PATH%"
@exit /b 0
