package certs

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
)

// Profile is an Apple configuration profile that installs a root certificate,
// given as DER. It is not signed: iOS says so, and would of any signature that
// it does not know. The same root gives the same profile, so that installing it
// again replaces it.
func Profile(root []byte, name string) []byte {
	var label bytes.Buffer
	// EscapeText fails only if its writer does, and this one can't.
	_ = xml.EscapeText(&label, []byte(name))
	return fmt.Appendf(nil, profileText, wrapped(root), uuid(root, "certificate"), uuid(root, "certificate"),
		label.String(), uuid(root, "profile"), uuid(root, "profile"))
}

const profileText = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadCertificateFileName</key>
			<string>hark.crt</string>
			<key>PayloadContent</key>
			<data>
%s			</data>
			<key>PayloadDisplayName</key>
			<string>Hark's certificate authority</string>
			<key>PayloadDescription</key>
			<string>Lets this device open Hark. It can only speak for your home network.</string>
			<key>PayloadIdentifier</key>
			<string>hark.trust.%s</string>
			<key>PayloadType</key>
			<string>com.apple.security.root</string>
			<key>PayloadUUID</key>
			<string>%s</string>
			<key>PayloadVersion</key>
			<integer>1</integer>
		</dict>
	</array>
	<key>PayloadDisplayName</key>
	<string>%s</string>
	<key>PayloadDescription</key>
	<string>After this, switch it on: Settings, General, About, Certificate Trust Settings.</string>
	<key>PayloadIdentifier</key>
	<string>hark.trust.%s</string>
	<key>PayloadRemovalDisallowed</key>
	<false/>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadUUID</key>
	<string>%s</string>
	<key>PayloadVersion</key>
	<integer>1</integer>
</dict>
</plist>
`

// wrapped is base64 in lines, as property lists have it.
func wrapped(b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	var out bytes.Buffer
	for len(text) > 0 {
		n := min(len(text), 64)
		out.WriteString("\t\t\t" + text[:n] + "\n")
		text = text[n:]
	}
	return out.String()
}

// uuid is one of version 8 (RFC 9562) made of what is named.
func uuid(root []byte, what string) string {
	sum := sha256.Sum256(append([]byte(what+"\n"), root...))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
