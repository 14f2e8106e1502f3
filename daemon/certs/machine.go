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
	addresses []netip.Addr // the one that phones find most likely first
}

// address is one of this machine's.
type address struct {
	netip.Addr
	tunnel bool // of a VPN: a phone at home is not in it
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
	var all []address
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
				all = append(all, address{ip, i.Flags&net.FlagPointToPoint != 0})
			}
		}
	}
	m.addresses = likeliest(all, leadingOut())
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

// likeliest puts addresses in the order in which to tell them to people: those
// of the home network before a VPN's, and IPv4 before IPv6, which is long to
// type and that not every home network carries. Among equals the one that leads
// out comes first.
func likeliest(all []address, out netip.Addr) []netip.Addr {
	rank := func(a address) int {
		switch {
		case !a.tunnel && a.Is4() && a.IsPrivate() && a.Addr == out:
			return 0
		case !a.tunnel && a.Is4() && a.IsPrivate():
			return 1
		case !a.tunnel && a.Is4():
			return 2
		case a.Is4():
			return 3
		case !a.tunnel:
			return 4
		}
		return 5
	}
	slices.SortStableFunc(all, func(a, b address) int { return rank(a) - rank(b) })
	var list []netip.Addr
	for _, a := range all {
		list = append(list, a.Addr)
	}
	return list
}
