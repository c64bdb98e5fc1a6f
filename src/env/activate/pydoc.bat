@rem The module pydoc of this environment.
@setlocal DisableDelayedExpansion
@"%~dp0python.exe" -m pydoc %*
