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

if (-not $VenvDir) {
    $VenvDir = [IO.Path]::GetDirectoryName($PSScriptRoot)
    if (-not [IO.File]::Exists([IO.Path]::Combine($VenvDir, 'pyvenv.cfg'))) {
        $VenvDir = @ENV_DIR@ # this script was reached through a link
    }
    if (-not $VenvDir) {
        [Console]::Error.WriteLine('Activate.ps1: cannot tell where this environment is: ' +
            'it is relocatable, and this script was reached through a link')
        exit 1
    }
}
$VenvDir = [IO.Path]::GetFullPath(
    [IO.Path]::Combine($PWD.ProviderPath, $VenvDir)).TrimEnd([char[]] '\/')
if (-not [IO.Directory]::Exists([IO.Path]::Combine($VenvDir, @BIN@))) {
    [Console]::Error.WriteLine('Activate.ps1: directory ' +
        ([IO.Path]::Combine($VenvDir, @BIN@) -replace '[\p{Cc}]', '?') +
        ' is missing: this environment was moved or deleted')
    exit 1
}
if (-not $PSBoundParameters.ContainsKey('Prompt')) {
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
        $path = [Collections.Generic.List[string]] @("$env:PATH".Split($separator))
        $null = $path.Remove($old.Bin)
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
    Bin        = [IO.Path]::Combine($VenvDir, @BIN@)
    Env        = $env:VIRTUAL_ENV
    EnvPrompt  = $env:VIRTUAL_ENV_PROMPT
    PythonHome = $null
    Prompt     = $null
    Name       = @PS1@
    Function   = $ownFunction
    Alias      = $ownAlias
}
if ($PSBoundParameters.ContainsKey('Prompt')) {
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
