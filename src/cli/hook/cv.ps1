# The function cv, printed by 'cvenv --shell-hook powershell':
#
#     cv         enter the nearest .venv, in this directory or above it
#     cv NAME    enter the environment NAME in $WORKON_HOME, or in ~/.virtualenvs
#     cv DIR     enter the environment DIR, which contains a slash
#     cv -       leave
#
# Only entering starts a process, and the walk up is done by the shell. For Windows PowerShell 5.1
# and PowerShell 7, also in strict mode.

function global:cv {
    if ($args.Count -gt 1 -or ($args.Count -eq 1 -and "$($args[0])" -match '^(-.+)?$')) {
        Write-Error 'usage: cv [NAME | DIR | -]' -Category InvalidArgument
        return
    }
    if ($args.Count -eq 1 -and "$($args[0])" -ceq '-') {
        if ($env:VIRTUAL_ENV -and (Test-Path -LiteralPath Function:\deactivate)) {
            deactivate
        } else {
            Write-Error 'cv: no environment was entered in this shell'
        }
        return
    }
    if ($args.Count -eq 1) {
        $how = 'named'
        $found = "$($args[0])"
    } else {
        $how = 'nearest'
        $found = $null
        $dir = (Get-Location -PSProvider FileSystem).ProviderPath
        while ($dir) {
            $file = [IO.Path]::Combine($dir, '.venv')
            if ([IO.File]::Exists([IO.Path]::Combine($file, 'pyvenv.cfg')) -or [IO.File]::Exists($file)) {
                $found = $file
                break
            }
            $dir = [IO.Path]::GetDirectoryName($dir)
        }
        if (-not $found) {
            Write-Error "cv: no environment '.venv' in this directory or above it"
            return
        }
    }
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
        $line = & @COMMAND@ --shell-hook enter-powershell -- $how $found
    } finally {
        [Console]::OutputEncoding = $encoding
    }
    # One line, which sources the activation script, or nothing.
    if ($LASTEXITCODE -eq 0 -and $line) {
        Invoke-Expression ($line -join "`n")
    }
}
