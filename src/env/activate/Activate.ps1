<#
.SYNOPSIS
Enters the virtual environment that this script lies in.

.DESCRIPTION
    bin/Activate.ps1    enters the environment
    deactivate          leaves it; every variable is as it was before

It needs no dot in front: it changes environment variables and global functions only.
Each command is called with its module name: a user's alias may have the short name.

.PARAMETER VenvDir
The environment, when it is not the one that this script lies in.

.PARAMETER Prompt
What to show in front of the prompt, instead of the environment's own name.
#>
param(
    [String] $VenvDir,
    [String] $Prompt
)

# With a dot in front, too, nothing but the parameters is left in the scope of the caller.
& {
    param($given)

    # Constrained language mode allows no methods but those of strings. With the provider's name a path
    # is one of the file system wherever the current location is.
    $files = 'Microsoft.PowerShell.Core\FileSystem::'
    $problem = $null
    if ($VenvDir) {
        $found = Microsoft.PowerShell.Management\Resolve-Path -LiteralPath $VenvDir -ErrorAction SilentlyContinue
        if ($found) { $VenvDir = $found.ProviderPath.TrimEnd([char[]] '\/') }
    }
    else {
        $VenvDir = $PSScriptRoot -replace '[\\/][^\\/]*$'
        if (-not $VenvDir -or -not (Microsoft.PowerShell.Management\Test-Path -LiteralPath ($files +
                    $VenvDir + [IO.Path]::DirectorySeparatorChar + 'pyvenv.cfg'))) {
            $VenvDir = @ENV_DIR@ # this script was reached through a link
        }
        if (-not $VenvDir) {
            $problem = 'cannot tell where this environment is: ' +
                'it is relocatable, and this script was reached through a link'
        }
    }
    $bin = $VenvDir + [IO.Path]::DirectorySeparatorChar + @BIN@
    if (-not $problem -and -not (Microsoft.PowerShell.Management\Test-Path -LiteralPath ($files + $bin) -PathType Container)) {
        $problem = 'directory ' + ($bin -replace '[\p{Cc}]', '?') +
            ' is missing: this environment was moved or deleted'
    }
    if ($problem) {
        Microsoft.PowerShell.Utility\Write-Error -ErrorAction Continue "Activate.ps1: $problem"
        exit 1
    }
    if ($null -eq $given['Prompt']) {
        $Prompt = @PROMPT@
    }

    # Leave the environment that is active in this session, whichever tool made it.
    if ((Microsoft.PowerShell.Management\Test-Path -LiteralPath 'Function:deactivate') -and
        ((Microsoft.PowerShell.Management\Test-Path -LiteralPath 'Variable:global:_OLD_VIRTUAL') -or $env:_OLD_VIRTUAL_PATH)) {
        & $function:deactivate
    }

    # deactivate restores the user's own function or alias of this name.
    $ownFunction = $function:deactivate
    $ownAlias = $null
    if (Microsoft.PowerShell.Management\Test-Path -LiteralPath 'Alias:deactivate') {
        $ownAlias = (Microsoft.PowerShell.Management\Get-Item -LiteralPath 'Alias:deactivate').Definition
        Microsoft.PowerShell.Management\Remove-Item -LiteralPath 'Alias:deactivate' -Force
    }

    function global:deactivate([switch] $NonDestructive) {
        $old = $null
        if (Microsoft.PowerShell.Management\Test-Path -LiteralPath 'Variable:global:_OLD_VIRTUAL') {
            $old = $global:_OLD_VIRTUAL
            # Only our directory goes: what was added to PATH meanwhile stays.
            $separator = [IO.Path]::PathSeparator
            $path = @()
            $removed = $false
            foreach ($entry in "$env:PATH".Split($separator)) {
                if ($removed -or $entry -cne $old.Bin) { $path += $entry } else { $removed = $true }
            }
            $env:PATH = $path -join $separator
            if ($null -ne $old.PythonHome) { $env:PYTHONHOME = $old.PythonHome }
            $env:VIRTUAL_ENV = $old.Env
            $env:VIRTUAL_ENV_PROMPT = $old.EnvPrompt
            if ($old.Prompt) {
                Microsoft.PowerShell.Management\Set-Item -LiteralPath 'Function:global:prompt' -Value $old.Prompt
            }
            Microsoft.PowerShell.Utility\Remove-Variable -Name _OLD_VIRTUAL -Scope Global
        }
        if (-not $NonDestructive) {
            Microsoft.PowerShell.Management\Remove-Item -LiteralPath 'Function:deactivate'
            if ($old -and $old.Function) {
                Microsoft.PowerShell.Management\Set-Item -LiteralPath 'Function:global:deactivate' -Value $old.Function
            }
            if ($old -and $old.Alias) {
                Microsoft.PowerShell.Utility\Set-Alias -Scope Global -Name deactivate -Value $old.Alias
            }
        }
    }

    # An environment that is already active was entered in a parent process: deactivate
    # goes back to it.
    $global:_OLD_VIRTUAL = @{
        Bin        = $bin
        Env        = $env:VIRTUAL_ENV
        EnvPrompt  = $env:VIRTUAL_ENV_PROMPT
        PythonHome = $null
        Prompt     = $null
        Name       = @PS1@
        Function   = $ownFunction
        Alias      = $ownAlias
    }
    if ($null -ne $given['Prompt']) {
        $global:_OLD_VIRTUAL.Name = "($Prompt) "
    }

    $env:VIRTUAL_ENV = $VenvDir
    $env:VIRTUAL_ENV_PROMPT = $Prompt
    if ($env:PATH) {
        $env:PATH = $global:_OLD_VIRTUAL.Bin + [IO.Path]::PathSeparator + $env:PATH
    }
    else {
        $env:PATH = $global:_OLD_VIRTUAL.Bin
    }

    if ($env:PYTHONHOME) {
        $global:_OLD_VIRTUAL.PythonHome = $env:PYTHONHOME
        $env:PYTHONHOME = $null
    }

    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and (Microsoft.PowerShell.Management\Test-Path -LiteralPath 'Function:prompt')) {
        $global:_OLD_VIRTUAL.Prompt = $function:prompt
        function global:prompt {
            $shown = & $global:_OLD_VIRTUAL.Prompt
            Microsoft.PowerShell.Utility\Write-Host -NoNewline -ForegroundColor Green $global:_OLD_VIRTUAL.Name
            $shown
        }
    }
} $PSBoundParameters
