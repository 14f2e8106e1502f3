package main

import (
	"bytes"
	"image/png"
	"io"
	"os"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

// manifest tells Windows that Hark knows sharp screens and long paths, and that
// it needs no console of its own where it was not started from one.
const manifest = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="Hark" version="1.0.0.0" processorArchitecture="*"/>
  <dependency><dependentAssembly>
    <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0" processorArchitecture="*" publicKeyToken="6595b64144ccf1df" language="*"/>
  </dependentAssembly></dependency>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges>
    <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
  </requestedPrivileges></security></trustInfo>
  <application xmlns="urn:schemas-microsoft-com:asm.v3"><windowsSettings>
    <dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings">true/pm</dpiAware>
    <dpiAwareness xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">permonitorv2,permonitor</dpiAwareness>
    <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    <consoleAllocationPolicy xmlns="http://schemas.microsoft.com/SMI/2024/WindowsSettings">detached</consoleAllocationPolicy>
  </windowsSettings></application>
</assembly>
`

// iconID is where the window looks for its icon.
const iconID = 3

func writeResources(icon, path, release, arch string) error {
	b, err := os.ReadFile(icon)
	if err != nil {
		return err
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return err
	}
	sizes, err := winres.NewIconFromResizedImage(img, nil)
	if err != nil {
		return err
	}
	var set winres.ResourceSet
	if err := set.SetIcon(winres.ID(iconID), sizes); err != nil {
		return err
	}
	if err := set.Set(winres.RT_MANIFEST, winres.ID(1), 0x409, []byte(manifest)); err != nil {
		return err
	}
	info := version.Info{}
	for key, value := range map[string]string{
		version.ProductName: "Hark", version.FileDescription: "Hark", version.ProductVersion: release, version.OriginalFilename: "hark.exe",
	} {
		if err := info.Set(version.LangDefault, key, value); err != nil {
			return err
		}
	}
	set.SetVersionInfo(info)
	return write(path, func(w io.Writer) error { return set.WriteObject(w, winres.Arch(arch)) })
}
