package certs

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// machine is how others in the home network may find this one.
type machine struct {
	names     []string     // DNS names, the likeliest first
	addresses []netip.Addr // the one that leads out of the network first
}

// homeSuffixes are top-level names that the public internet will never have
// (RFC 6762, RFC 8375, and the private-use ones by custom and by ICANN): what is
// below them is in somebody's own network.
func homeSuffixes() []string { return []string{"local", "lan", "home.arpa", "internal"} }

// homeNetworks are the address ranges that are never routed on the public
// internet: RFC 1918, RFC 6598 (which tailnets use), RFC 4193, and loopback.
func homeNetworks() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// Machine are the names and addresses that this machine may have in its home
// network, the likeliest first. Whether a name is known there is not checked.
func Machine() (names, addresses []string) {
	m := thisMachine()
	for _, a := range m.addresses {
		addresses = append(addresses, a.String())
	}
	return m.names, addresses
}

func thisMachine() machine {
	var m machine
	host, err := os.Hostname()
	if err == nil {
		label, _, _ := strings.Cut(strings.ToLower(host), ".")
		if isName(label) && label != "localhost" {
			for _, suffix := range homeSuffixes() {
				m.names = append(m.names, label+"."+suffix)
			}
		}
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return m
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || isVirtual(i.Name) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if ip, ok := homeAddress(a); ok {
				m.addresses = append(m.addresses, ip)
			}
		}
	}
	first := leadingOut()
	slices.SortStableFunc(m.addresses, func(a, b netip.Addr) int { return rank(a, first) - rank(b, first) })
	return m
}

// isVirtual tells bridges that containers and virtual machines come and go at:
// no phone is there, and a certificate for them would change all the time.
func isVirtual(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "podman", "vmnet", "vEthernet"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func homeAddress(a net.Addr) (netip.Addr, bool) {
	n, ok := a.(*net.IPNet)
	if !ok {
		return netip.Addr{}, false
	}
	ip, ok := netip.AddrFromSlice(n.IP)
	ip = ip.Unmap()
	if !ok || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return ip, false
	}
	return ip, slices.ContainsFunc(homeNetworks(), func(p netip.Prefix) bool { return p.Contains(ip) })
}

// leadingOut is the address from which this machine would speak to the outside.
// Nothing is sent: connecting a UDP socket only looks at the routes.
func leadingOut() netip.Addr {
	conn, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9})
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = conn.Close() }()
	if at, ok := conn.LocalAddr().(*net.UDPAddr); ok {
		return at.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

func rank(a, first netip.Addr) int {
	switch {
	case a == first:
		return 0
	case a.Is4() && a.IsPrivate():
		return 1
	case a.Is4():
		return 2
	}
	return 3
}
