# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
Installs the command cvenv from the files of a release.

.DESCRIPTION
The archive is checked against SHA256SUMS before it is unpacked. For Windows PowerShell 5.1 and
PowerShell 7. Everything is in functions, and the last line calls them, so an incomplete download
does nothing.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File install.ps1 -AddToPath

.EXAMPLE
& ([scriptblock]::Create((irm URL/install.ps1))) -Prefix C:\Tools\cvenv
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    # Install in this directory. The default is %LOCALAPPDATA%\Programs\cvenv.
    [string] $Prefix,
    # Install this version.
    [string] $Version,
    # Take the files from this URL or directory.
    [string] $From,
    # Add the directory to the user's PATH.
    [switch] $AddToPath,
    # Delete what this script installed in the directory, and its entry of the user's PATH.
    [switch] $Uninstall,
    # Say what would be done, and change nothing.
    [switch] $DryRun,
    # Print errors only.
    [switch] $Quiet
)

# `./dev release` fills in these two lines. In the URL, {version} is replaced by the version.
$url = ''
$version = ''
$release = @{ Url = $url; Version = $version }

function Write-Line([string] $Text) {
    if (-not $Quiet) { Write-Host $Text }
}

function Get-Target {
    if ($env:OS -ne 'Windows_NT') { throw 'this script is for Windows: use install.sh' }
    # A 32-bit PowerShell sees the processor of Windows in another variable.
    $machine = $env:PROCESSOR_ARCHITEW6432
    if (-not $machine) { $machine = $env:PROCESSOR_ARCHITECTURE }
    switch ($machine) {
        'AMD64' { return 'x86_64-windows' }
        'ARM64' { return 'aarch64-windows' }
    }
    throw "there is no command for the processor '$machine'"
}

# Version numbers become parts of file names.
function Test-Version([string] $Text) {
    if ($Text -notmatch '^[0-9][A-Za-z0-9.+~]*$') { throw "invalid version '$Text'" }
}

function Resolve-Directory([string] $Path) {
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

# Where the files are: a URL or a directory, without a slash at its end.
function Get-Place([string] $Place, [string] $Version) {
    if (-not $Place) { $Place = $release.Url }
    if (-not $Place) { throw 'this script contains no address: use -From URL or -From DIRECTORY' }
    if ($Place -match '^https?://') {
        if ($Place.Contains('{version}') -and -not $Version) {
            throw "the address '$Place' needs a version: use -Version"
        }
        return $Place.Replace('{version}', $Version).TrimEnd('/')
    }
    if ($Place -match '^file:///') { return ([Uri] $Place).LocalPath }
    if ($Place -match '^\w\w+://') {
        throw "unsupported address '$Place': use http, https, file or a directory"
    }
    Resolve-Directory $Place
}

# Gets a file of the release into the directory $To.
function Get-ReleaseFile([string] $Place, [string] $Name, [string] $To) {
    $target = Join-Path $To $Name
    if ($Place -match '^https?://') {
        try {
            Invoke-WebRequest -UseBasicParsing -TimeoutSec 300 -Uri "$Place/$Name" -OutFile $target
        } catch {
            throw "cannot download '$Place/$Name': $($_.Exception.Message)"
        }
        return
    }
    $source = [IO.Path]::Combine($Place, $Name)
    if (-not [IO.File]::Exists($source)) { throw "file '$source' is missing" }
    [IO.File]::Copy($source, $target)
}

# The only archive for the target, and its SHA-256.
function Get-Archive([string] $Sums, [string] $Target, [string] $Version) {
    $which = '([0-9][A-Za-z0-9.+~]*)'
    if ($Version) { $which = '(' + [regex]::Escape($Version) + ')' }
    $found = @([IO.File]::ReadAllLines($Sums) | Where-Object {
        $_ -cmatch "^([0-9A-Fa-f]{64}) [ *]cvenv-$which-$Target\.zip$" } | ForEach-Object {
        @{ Sum = $_.Substring(0, 64); Name = $_.Substring(66) } })
    if ($found.Count -eq 0) { throw ("SHA256SUMS names no cvenv $Version for $Target" -replace '  ', ' ') }
    if ($found.Count -gt 1) { throw "SHA256SUMS names several archives for ${Target}: use -Version" }
    $found[0]
}

# Unpacks the one directory TOP of the archive. Returns the names in it.
function Expand-Release([string] $Archive, [string] $Top, [string] $To) {
    Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
    $zip = [IO.Compression.ZipFile]::OpenRead($Archive)
    try {
        foreach ($entry in $zip.Entries) {
            $name = $entry.FullName
            if ($name -notmatch '^[A-Za-z0-9._+~/-]+$' -or $name -match '(^|/)\.\.?(/|$)' -or
                -not $name.StartsWith("$Top/")) {
                throw "the archive contains an unexpected name '$name'"
            }
            if ($name.EndsWith('/')) { continue }
            $name = $name.Substring($Top.Length + 1).Replace('/', '\')
            $file = [IO.Path]::Combine($To, $name)
            [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
            [IO.Compression.ZipFileExtensions]::ExtractToFile($entry, $file)
            $name
        }
    } finally {
        $zip.Dispose()
    }
}

function Test-Command([string] $Path) {
    $code = -1
    try {
        $null = & $Path --version
        $code = $LASTEXITCODE
    } catch {
        $code = -1
    }
    if ($code -ne 0) { throw "the command does not run here (exit code $code); nothing was installed" }
}

# A program that runs can be renamed, but not replaced. The next run deletes it.
function Publish-File([string] $Source, [string] $To) {
    [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($To))
    $old = [IO.Path]::Combine($Prefix, '.cvenv-old-' + [Guid]::NewGuid().ToString('N'))
    if ([IO.File]::Exists($To)) { [IO.File]::Move($To, $old) }
    try {
        [IO.File]::Move($Source, $To)
    } catch {
        if ([IO.File]::Exists($old)) { [IO.File]::Move($old, $To) }
        throw
    }
    Remove-Old
}

function Remove-Old {
    foreach ($file in [IO.Directory]::GetFiles($Prefix, '.cvenv-old-*')) {
        try { [IO.File]::Delete($file) } catch { Write-Verbose "$file is in use" }
    }
}

# Deletes these files, and directories below the prefix that become empty.
function Remove-File([string[]] $Names) {
    foreach ($name in $Names) {
        if (-not $name -or $name -match '(^|\\)\.\.(\\|$)|[:/]|^\\') { continue }
        $file = [IO.Path]::Combine($Prefix, $name)
        if ($DryRun) {
            Write-Line "would delete '$file'"
            continue
        }
        if ([IO.File]::Exists($file)) {
            $old = [IO.Path]::Combine($Prefix, '.cvenv-old-' + [Guid]::NewGuid().ToString('N'))
            [IO.File]::Move($file, $old)
        }
        $directory = [IO.Path]::GetDirectoryName($file)
        while ($directory.Length -gt $Prefix.Length -and [IO.Directory]::Exists($directory) -and
            -not @([IO.Directory]::GetFileSystemEntries($directory)).Count) {
            [IO.Directory]::Delete($directory)
            $directory = [IO.Path]::GetDirectoryName($directory)
        }
    }
    if (-not $DryRun) { Remove-Old }
}

# Reads and writes the registry, so that "%NAME%" in other entries remains.
function Edit-UserPath([switch] $Remove) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
    try {
        $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
        if ($key.GetValueNames() -contains 'Path') { $kind = $key.GetValueKind('Path') }
        $old = [string] $key.GetValue('Path', '', 'DoNotExpandEnvironmentNames')
        $entries = @($old.Split(';') | Where-Object { $_ })
        $others = @($entries | Where-Object { $_.TrimEnd('\') -ne $Prefix })
        if (($entries.Count -eq $others.Count) -eq $Remove) { return }
        if (-not $Remove) { $others += $Prefix }
        $key.SetValue('Path', $others -join ';', $kind)
    } finally {
        $key.Dispose()
    }
    # Tells programs that run: this sends WM_SETTINGCHANGE.
    [Environment]::SetEnvironmentVariable('CVENV_INSTALL', $null, 'User')
}

function Remove-Empty {
    if ([IO.Directory]::Exists($Prefix) -and -not @([IO.Directory]::GetFileSystemEntries($Prefix)).Count) {
        [IO.Directory]::Delete($Prefix)
    }
}

function Uninstall-Files([string] $Manifest) {
    if (-not [IO.File]::Exists($Manifest)) { throw "this script installed nothing in '$Prefix'" }
    Remove-File (@([IO.File]::ReadAllLines($Manifest)) + [IO.Path]::GetFileName($Manifest))
    if ($DryRun) { return }
    Edit-UserPath -Remove
    Remove-Empty
    Write-Line "deleted cvenv in '$Prefix'"
}

# The command is replaced last.
function Install-Files([string] $Unpacked, [string[]] $Names, [string] $Manifest) {
    $obsolete = @()
    if ([IO.File]::Exists($Manifest)) {
        $obsolete = @([IO.File]::ReadAllLines($Manifest) | Where-Object { $Names -notcontains $_ })
    }
    foreach ($name in $Names) {
        if ([IO.Directory]::Exists([IO.Path]::Combine($Prefix, $name))) {
            throw "'$Prefix\$name' is a directory"
        }
    }
    $list = [IO.Path]::Combine($Unpacked, [IO.Path]::GetFileName($Manifest))
    [IO.File]::WriteAllLines($list, $Names)
    foreach ($name in @($Names | Where-Object { $_ -ne 'cvenv.exe' }) + [IO.Path]::GetFileName($Manifest)) {
        Publish-File ([IO.Path]::Combine($Unpacked, $name)) ([IO.Path]::Combine($Prefix, $name))
    }
    Publish-File ([IO.Path]::Combine($Unpacked, 'cvenv.exe')) ([IO.Path]::Combine($Prefix, 'cvenv.exe'))
    Remove-File $obsolete
}

function Write-PathNote {
    if (@($env:PATH.Split(';') | ForEach-Object { $_.TrimEnd('\') }) -notcontains $Prefix) {
        Write-Line "note: '$Prefix' is not on PATH: use -AddToPath, or add it yourself"
    }
}

function Install-Release([string] $Place, [string] $Version, [string] $Manifest) {
    $target = Get-Target
    $work = [IO.Path]::Combine($Prefix, ".cvenv-install-$PID")
    if ($DryRun) { $work = [IO.Path]::Combine([IO.Path]::GetTempPath(), ".cvenv-install-$PID") }
    $existed = [IO.Directory]::Exists($Prefix)
    [void] [IO.Directory]::CreateDirectory($work)
    try {
        Get-ReleaseFile $Place 'SHA256SUMS' $work
        $archive = Get-Archive ([IO.Path]::Combine($work, 'SHA256SUMS')) $target $Version
        if ($DryRun) {
            Write-Line "would install $($archive.Name) from '$Place' in '$Prefix'"
            return
        }
        Get-ReleaseFile $Place $archive.Name $work
        $file = [IO.Path]::Combine($work, $archive.Name)
        $sum = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash
        if ($sum -ne $archive.Sum) {
            throw "wrong SHA-256 of '$($archive.Name)': expected $($archive.Sum), got $sum; " +
                'nothing was installed'
        }
        $top = $archive.Name.Substring(0, $archive.Name.Length - '.zip'.Length)
        $unpacked = [IO.Path]::Combine($work, 'unpacked')
        $names = @(Expand-Release $file $top $unpacked)
        if ($names -notcontains 'cvenv.exe') { throw "'$($archive.Name)' does not contain the command" }
        Test-Command ([IO.Path]::Combine($unpacked, 'cvenv.exe'))
        Install-Files $unpacked $names $Manifest
        Write-Line "installed $top as '$Prefix\cvenv.exe'"
    } finally {
        Remove-Item -LiteralPath $work -Recurse -Force
        if (-not $existed) { Remove-Empty }
    }
}

function Install-Cvenv(
    [string] $Prefix, [string] $Version = $release.Version, [string] $From,
    [switch] $AddToPath, [switch] $Uninstall, [switch] $DryRun, [switch] $Quiet
) {
    Set-StrictMode -Version 2
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue' # showing it takes longer than the download
    if (-not $Prefix) { $Prefix = [IO.Path]::Combine($env:LOCALAPPDATA, 'Programs', 'cvenv') }
    $Prefix = Resolve-Directory $Prefix
    if ($Prefix -ne [IO.Path]::GetPathRoot($Prefix)) { $Prefix = $Prefix.TrimEnd('\') }
    if ($AddToPath -and $Prefix -match '[;%]') { throw "'$Prefix' cannot be an entry of PATH" }
    $manifest = [IO.Path]::Combine($Prefix, 'cvenv-installed.txt')
    if ($Uninstall) { return Uninstall-Files $manifest }
    if ($Version) { Test-Version $Version }
    # Windows PowerShell 5.1 does not offer TLS 1.2 everywhere.
    [Net.ServicePointManager]::SecurityProtocol =
        [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    Install-Release (Get-Place $From $Version) $Version $manifest
    if ($DryRun) { return }
    if ($AddToPath) {
        Edit-UserPath
        $env:PATH = $env:PATH.TrimEnd(';') + ';' + $Prefix
    }
    Write-PathNote
}

# `exit` would end the session of a user who runs the text of this script.
function Invoke-Main($Options, [bool] $IsFile) {
    try {
        Install-Cvenv @Options
    } catch {
        if (-not $IsFile) { throw }
        [Console]::Error.WriteLine("install.ps1: error: $($_.Exception.Message)")
        exit 1
    }
}

Invoke-Main $PSBoundParameters ($MyInvocation.MyCommand -is [Management.Automation.ExternalScriptInfo])
