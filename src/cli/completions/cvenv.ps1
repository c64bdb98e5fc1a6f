# PowerShell completion of cvenv, printed by 'cvenv --completions powershell'
#
# For Windows PowerShell 5.1 and PowerShell 7, also in strict mode. Where nothing is offered,
# PowerShell offers files.

Register-ArgumentCompleter -Native -CommandName cvenv -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # Drop: what is not offered beside it. Value: what completes its argument.
    $options = @(
@OPTIONS@
    )

    function Find-Option($name) {
        $options | Where-Object { ($_.Names -split ' ') -ccontains $name }
    }

    function New-Result($text, $shown, $type, $tip) {
        [System.Management.Automation.CompletionResult]::new($text, $shown, $type, $tip)
    }

    # The lines of the command itself.
    function Get-Line($what) {
        $code = Get-Variable LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
        $encoding = [Console]::OutputEncoding
        try {
            [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
            $command = Get-Command cvenv -CommandType Application -TotalCount 1 -ErrorAction Stop
            & $command --completions $what 2>$null
        } catch {
        } finally {
            [Console]::OutputEncoding = $encoding
            $global:LASTEXITCODE = $code
        }
    }

    $given = [System.Collections.ArrayList]::new()
    $waiting = $null # the option whose argument is next
    $ended = $false
    $current = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        $start = $element.Extent.StartOffset
        $word = $element.Extent.Text
        if ($start -ge $cursorPosition) {
            break
        }
        if ($element.Extent.EndOffset -ge $cursorPosition) {
            $current = $word.Substring(0, $cursorPosition - $start)
            break
        }
        if ($waiting) {
            $waiting = $null
        } elseif ($ended -or $word -notmatch '^-.') {
            [void]$given.Add('ENV_DIR')
        } elseif ($word -ceq '--') {
            $ended = $true
        } elseif ($word -match '^--') {
            $name = ($word -split '=', 2)[0]
            [void]$given.Add($name)
            $option = Find-Option $name
            if ($option -and $option.Value -and $name -ceq $word) {
                $waiting = $option
            }
        } else {
            for ($i = 1; $i -lt $word.Length; $i++) {
                $option = Find-Option ('-' + $word[$i])
                [void]$given.Add('-' + $word[$i])
                if ($option -and $option.Value) {
                    if ($i -eq $word.Length - 1) {
                        $waiting = $option
                    }
                    break
                }
            }
        }
    }
    $dropped = @($given | ForEach-Object { Find-Option $_ } | ForEach-Object { $_.Drop -split ' ' })

    $before = ''
    if (-not $waiting -and -not $ended -and $current -match '^(--[^=]*=)(.*)$') {
        $before, $current = $Matches[1], $Matches[2]
        $waiting = Find-Option $before.TrimEnd('=')
        if (-not $waiting) {
            return
        }
    }
    if (-not $waiting -and -not $ended -and $current -match '^-') {
        foreach ($option in $options) {
            foreach ($name in $option.Names -split ' ') {
                if ($name.StartsWith($current, 'Ordinal') -and $dropped -cnotcontains $name) {
                    New-Result $name $name ParameterName $option.Help
                }
            }
        }
        return
    }

    $kind, $choices = 'dir', @()
    if ($waiting) {
        $kind = $waiting.Value
        $choices = @($waiting.Choices -split ' ')
    } elseif ($dropped -ccontains 'ENV_DIR') {
        return
    }
    if ($kind -ceq 'dir' -or ($kind -ceq 'python' -and $current -match '[/\\]')) {
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($current) |
            Where-Object { $kind -cne 'dir' -or $_.ResultType -eq 'ProviderContainer' } |
            ForEach-Object {
                New-Result ($before + $_.CompletionText) $_.ListItemText $_.ResultType $_.ToolTip
            }
        return
    }
    if ($kind -ceq 'list') {
        $listed = $current -split ','
        if ($listed.Count -gt 1) {
            $before = '' # PowerShell replaces what follows the last comma
        }
        $current = $listed[-1]
        $choices = @($choices | Where-Object { $listed -cnotcontains $_ })
    } elseif ($kind -ceq 'python') {
        $choices = @(Get-Line pythons)
    } elseif ($kind -ceq 'name') {
        $choices = @(Get-Line names)
    }
    $current = $current -replace '^[''"]', ''
    foreach ($choice in $choices) {
        $value, $tip = $choice -split "`t", 2
        if (-not $value -or -not $value.StartsWith($current, 'Ordinal')) {
            continue
        }
        $text = $value
        if ($value -cnotmatch '^\w[\w.+:-]*$') {
            $escape = [System.Management.Automation.Language.CodeGeneration]
            $text = "'" + $escape::EscapeSingleQuotedStringContent($value) + "'"
        }
        if (-not $tip) {
            $tip = $waiting.Help
        }
        New-Result ($before + $text) $value ParameterValue $tip
    }
}
