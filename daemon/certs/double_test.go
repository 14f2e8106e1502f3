package certs

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// nameServer is a double of a domain's name server: every name in the zone is
// at 127.0.0.1, and TXT records are changed by signed updates (RFC 2136).
type nameServer struct {
	addr string // HOST:PORT, udp and tcp

	mu   sync.Mutex
	txt  map[string][]string
	seen []string // every TXT value that was ever set
}

const (
	testZone   = "example.org."
	tsigKey    = "hark-key."
	tsigSecret = "c2VjcmV0LW9mLXRoZS16b25lLWZvci10ZXN0cw=="
)

func startNameServer(t *testing.T) *nameServer {
	t.Helper()
	s := &nameServer{txt: map[string][]string{}}
	udp, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = udp.LocalAddr().String()
	tcp, err := new(net.ListenConfig).Listen(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	accept := func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept } // updates too
	for _, srv := range []*dns.Server{{PacketConn: udp}, {Listener: tcp}} {
		srv.Handler, srv.MsgAcceptFunc, srv.TsigSecret = s, accept, map[string]string{tsigKey: tsigSecret}
		started := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(started) }
		go func() { _ = srv.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = srv.Shutdown() })
	}
	return s
}

func (s *nameServer) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg).SetReply(r)
	m.Authoritative = true
	if r.Opcode == dns.OpcodeUpdate {
		m.Rcode = s.update(w, r)
		if t := r.IsTsig(); t != nil {
			m.SetTsig(t.Hdr.Name, t.Algorithm, 300, int64(t.TimeSigned))
		}
	} else {
		for _, q := range r.Question {
			m.Answer = append(m.Answer, s.answers(q)...)
		}
		if len(m.Answer) == 0 {
			m.Ns = []dns.RR{soa()}
		}
	}
	_ = w.WriteMsg(m)
}

func soa() dns.RR {
	return &dns.SOA{Hdr: dns.RR_Header{Name: testZone, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 1}, Ns: "ns." + testZone, Mbox: "h." + testZone, Serial: 1, Refresh: 2, Retry: 3, Expire: 4, Minttl: 1}
}

func (s *nameServer) answers(q dns.Question) (all []dns.RR) {
	hdr := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 1}
	name := strings.ToLower(q.Name)
	switch q.Qtype {
	case dns.TypeSOA:
		if name == testZone {
			all = append(all, soa())
		}
	case dns.TypeNS:
		all = append(all, &dns.NS{Hdr: hdr, Ns: "ns." + testZone})
	case dns.TypeA:
		all = append(all, &dns.A{Hdr: hdr, A: net.IPv4(127, 0, 0, 1)})
	case dns.TypeTXT:
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, value := range s.txt[name] {
			all = append(all, &dns.TXT{Hdr: hdr, Txt: []string{value}})
		}
	}
	return all
}

func (s *nameServer) update(w dns.ResponseWriter, r *dns.Msg) int {
	if r.IsTsig() == nil || w.TsigStatus() != nil {
		return dns.RcodeRefused
	}
	for _, rr := range r.Ns {
		txt, ok := rr.(*dns.TXT)
		if !ok {
			return dns.RcodeNotImplemented
		}
		if rr.Header().Class == dns.ClassNONE {
			s.remove(txt.Hdr.Name, txt.Txt[0])
		} else {
			s.set(txt.Hdr.Name, txt.Txt[0])
		}
	}
	return dns.RcodeSuccess
}

func (s *nameServer) set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = strings.ToLower(name)
	s.txt[name] = append(s.txt[name], value)
	s.seen = append(s.seen, value)
}

func (s *nameServer) remove(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = strings.ToLower(name)
	s.txt[name] = slices.DeleteFunc(s.txt[name], func(v string) bool { return v == value })
}

// left are the TXT values that nobody has taken away.
func (s *nameServer) left() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, values := range s.txt {
		all = append(all, values...)
	}
	return all
}

func (s *nameServer) everSet() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}
