package watch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	maxEntries = 2000
	maxKey     = 4 << 10
)

// parseFeed reads RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287) or a JSON Feed, which
// came from address. Entries come oldest first. Text is HTML or plain; nothing
// tells which.
func parseFeed(body []byte, address string) ([]Entry, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	body, err = asUTF8(body)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	if bytes.HasPrefix(body, []byte("{")) {
		entries, err = parseJSON(body)
	} else {
		entries, err = parseXML(body)
	}
	if err != nil {
		return nil, err
	}
	entries = entries[:min(len(entries), maxEntries)]
	for i := range entries {
		entries[i].settle(base)
	}
	order(entries)
	return entries, nil
}

// order puts the oldest first. Most feeds begin with the newest; a feed that does
// not date all its entries is taken to.
func order(entries []Entry) {
	slices.Reverse(entries)
	if !slices.ContainsFunc(entries, func(e Entry) bool { return e.At.IsZero() }) {
		slices.SortStableFunc(entries, func(a, b Entry) int { return a.At.Compare(b.At) })
	}
}

// settle gives an entry a key, and its link the whole address.
func (e *Entry) settle(base *url.URL) {
	if u, err := base.Parse(strings.TrimSpace(e.Link)); err == nil && e.Link != "" && (u.Scheme == "http" || u.Scheme == "https") {
		e.Link = u.String()
	} else {
		e.Link = ""
	}
	e.Title = strings.Join(strings.Fields(e.Title), " ")
	e.Key = cmp.Or(strings.TrimSpace(e.Key), e.Link, e.Title+"\n"+e.Text)
	e.Key = e.Key[:min(len(e.Key), maxKey)]
}

// parseJSON reads a JSON Feed, version 1 or 1.1 (jsonfeed.org).
func parseJSON(body []byte) (out []Entry, err error) {
	var feed struct {
		Version string `json:"version"`
		Items   []struct {
			ID        any    `json:"id"` // some write a number
			URL       string `json:"url"`
			Title     string `json:"title"`
			HTML      string `json:"content_html"`
			Text      string `json:"content_text"`
			Summary   string `json:"summary"`
			Published string `json:"date_published"`
		} `json:"items"`
	}
	if err := json.Unmarshal(body, &feed); err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	if !strings.Contains(feed.Version, "jsonfeed.org") {
		return nil, errors.New("JSON, but no JSON Feed")
	}
	for _, i := range feed.Items {
		key := ""
		if i.ID != nil {
			key = fmt.Sprint(i.ID)
		}
		at := readDate(i.Published)
		out = append(out, Entry{Key: key, Title: i.Title, Text: cmp.Or(i.Summary, i.HTML, i.Text), Link: i.URL, At: at})
	}
	return out, nil
}

// node is any element of a feed.
type node struct {
	XMLName xml.Name
	Type    string `xml:"type,attr"`
	Rel     string `xml:"rel,attr"`
	Href    string `xml:"href,attr"`
	Perma   string `xml:"isPermaLink,attr"`
	Text    string `xml:",chardata"`
	Inner   string `xml:",innerxml"`
}

type item struct {
	About  string `xml:"about,attr"` // of RSS 1.0
	Fields []node `xml:",any"`
}

func parseXML(body []byte) (out []Entry, err error) {
	var feed struct {
		XMLName xml.Name
		Channel struct {
			Items []item `xml:"item"`
		} `xml:"channel"`
		Items   []item `xml:"item"`
		Entries []item `xml:"entry"`
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	if err := d.Decode(&feed); err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	switch feed.XMLName.Local {
	case "rss", "RDF", "feed":
	default:
		return nil, fmt.Errorf("<%.40s> is no feed", feed.XMLName.Local)
	}
	for _, i := range slices.Concat(feed.Channel.Items, feed.Items, feed.Entries) {
		out = append(out, i.entry())
	}
	return out, nil
}

// entry reads what RSS and Atom name differently. Elements of other vocabularies
// have the same names (media:title) and are left out.
func (i *item) entry() Entry {
	e := Entry{Key: i.About}
	var summary, content, guid string
	for _, f := range i.Fields {
		space, text := f.XMLName.Space, f.text()
		own := space == "" || strings.HasPrefix(space, "http://purl.org/rss/1.0/") && !strings.Contains(space, "modules") ||
			space == "http://www.w3.org/2005/Atom" || strings.HasSuffix(space, "backend.userland.com/rss2") || space == "http://my.netscape.com/rdf/simple/0.9/"
		switch name := f.XMLName.Local; {
		case name == "encoded":
			content = text
		case name == "date" && e.At.IsZero():
			e.At = readDate(f.Text)
		case !own:
		case name == "title":
			e.Title = text
		case name == "id":
			e.Key = f.Text
		case name == "guid":
			guid = strings.TrimSpace(f.Text)
			e.Key = guid
			if f.Perma == "false" {
				guid = ""
			}
		case name == "link" && f.Href != "":
			if e.Link == "" || f.Rel == "" || f.Rel == "alternate" {
				e.Link = f.Href
			}
		case name == "link":
			e.Link = f.Text
		case name == "description", name == "summary":
			summary = text
		case name == "content":
			content = text
		case name == "pubDate", name == "published":
			e.At = readDate(f.Text)
		case name == "updated" && e.At.IsZero():
			e.At = readDate(f.Text)
		}
	}
	e.Link = cmp.Or(e.Link, guid)
	e.Title = plainTitle(e.Title)
	e.Text = cmp.Or(summary, content)
	return e
}

// text is an element's text; that of XHTML is its markup (RFC 4287 §3.1.1.3).
func (n *node) text() string {
	if n.Type == "xhtml" {
		return n.Inner
	}
	return strings.TrimSpace(n.Text)
}

var dateForms = []string{
	time.RFC3339, time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
	"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04 -0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05", "2006-01-02",
}

// readDate reads a date of RFC 3339 or RFC 5322, or what programs take for one; the
// zero time is none.
func readDate(s string) time.Time {
	s = strings.Join(strings.Fields(s), " ")
	for _, form := range dateForms {
		if at, err := time.Parse(form, s); err == nil {
			return at
		}
	}
	return time.Time{}
}

// asUTF8 reads the encodings that feeds have: UTF-8, UTF-16 with its mark, and
// what was common in western Europe before.
func asUTF8(body []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return bytes.TrimSpace(body[3:]), nil
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		units := make([]uint16, 0, len(body)/2)
		for i := 2; i+1 < len(body); i += 2 {
			low, high := body[i], body[i+1]
			if body[0] == 0xfe {
				low, high = high, low
			}
			units = append(units, uint16(high)<<8|uint16(low))
		}
		return []byte(strings.TrimSpace(string(utf16.Decode(units)))), nil
	}
	end := bytes.Index(body, []byte("?>"))
	if !bytes.HasPrefix(body, []byte("<?xml")) || end < 0 {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), nil
	}
	_, after, _ := strings.Cut(string(body[:end]), "encoding")
	name := strings.Trim(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(after), "=")), `"' `)
	text, ok := decode(name, body)
	if !ok {
		return nil, &problem{say: fmt.Sprintf("it is written in %.40q, which Hark does not read", name), cure: "Look for another feed of this site, in UTF-8."}
	}
	return []byte(text), nil
}

// plainTitle takes the markup out of a title, in which it is mostly a mistake.
func plainTitle(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, after, open := strings.Cut(s, "<")
		b.WriteString(before)
		tag, rest, closed := strings.Cut(after, ">")
		if !open {
			break
		}
		if name := strings.TrimPrefix(tag, "/"); !closed || name == "" || !isLetter(name[0]) {
			b.WriteString("<") // 1 < 2
			s = after
			continue
		}
		s = rest
	}
	return html.UnescapeString(b.String())
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
