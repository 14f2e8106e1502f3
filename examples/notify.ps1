# Says something through Hark, from PowerShell 5.1 or later:
#
#   $env:HARK_URL = 'http://127.0.0.1:4275'; $env:HARK_TOKEN = 'hark_…'
#   .\notify.ps1 'The backup is done' -Title 'Backup' -Priority 4
param(
    [Parameter(Mandatory = $true)][string]$Text,
    [string]$Title = '',
    [ValidateRange(1, 5)][int]$Priority = 3
)
$ErrorActionPreference = 'Stop'
if (-not $env:HARK_TOKEN) { throw 'HARK_TOKEN is not set' }
$url = if ($env:HARK_URL) { $env:HARK_URL } else { 'http://127.0.0.1:4275' }
$body = @{ text = $Text; title = $Title; priority = $Priority; key = [guid]::NewGuid().ToString() } | ConvertTo-Json
Invoke-RestMethod -Method Post -Uri "$url/api/assistant/fire" `
    -Headers @{ Authorization = "Bearer $env:HARK_TOKEN" } `
    -ContentType 'application/json; charset=utf-8' -Body ([Text.Encoding]::UTF8.GetBytes($body))
