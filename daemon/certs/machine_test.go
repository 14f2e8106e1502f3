package certs

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// What people are told first is the address at which a phone at home most
// likely finds this machine: a private IPv4 one, whatever the system lists
// first, and none of a VPN's while there is another.
func TestLikeliestAddress(t *testing.T) {
	for name, c := range map[string]struct{ has, out, want string }{
		"ULA listed first":       {"fd00::2 192.168.1.5", "192.168.1.5", "192.168.1.5 fd00::2"},
		"no route out":           {"fd00::2 10.0.0.5", "", "10.0.0.5 fd00::2"},
		"two networks":           {"10.0.0.5 192.168.1.5", "192.168.1.5", "192.168.1.5 10.0.0.5"},
		"a VPN leads out":        {"tun:10.8.0.2 fd00::2 192.168.1.5", "10.8.0.2", "192.168.1.5 10.8.0.2 fd00::2"},
		"a tailnet beside":       {"tun:100.101.1.2 tun:fd7a::2 192.168.1.5", "192.168.1.5", "192.168.1.5 100.101.1.2 fd7a::2"},
		"a provider's leads out": {"100.64.3.4 192.168.1.1", "100.64.3.4", "192.168.1.1 100.64.3.4"},
		"only IPv6":              {"tun:fd7a::2 fd00::2", "", "fd00::2 fd7a::2"},
		"only a VPN":             {"tun:fd7a::2 tun:100.101.1.2", "", "100.101.1.2 fd7a::2"},
	} {
		var has []address
		for _, s := range strings.Fields(c.has) {
			s, tunnel := strings.CutPrefix(s, "tun:")
			has = append(has, address{netip.MustParseAddr(s), tunnel})
		}
		out, _ := netip.ParseAddr(c.out)
		if got := strings.Trim(fmt.Sprint(likeliest(has, out)), "[]"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
