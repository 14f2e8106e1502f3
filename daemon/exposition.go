package daemon

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
)

// expositionType is the text format of Prometheus, version 0.0.4.
const expositionType = "text/plain; version=0.0.4; charset=utf-8"

// exposition collects metrics in the text format of Prometheus. All samples of
// a family follow its head.
type exposition struct{ bytes.Buffer }

// family begins a metric; kind is counter, gauge or histogram.
func (e *exposition) family(name, kind, help string) {
	e.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
}

// sample adds a value; labels are names and values in turn.
func (e *exposition) sample(name string, value float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		e.WriteByte("{,"[min(i, 1)])
		e.WriteString(labels[i] + `="` + escapeLabel(labels[i+1]) + `"`)
	}
	if len(labels) > 1 {
		e.WriteByte('}')
	}
	e.WriteString(" " + decimal(value) + "\n")
}

// gauge is a family of one sample without labels.
func (e *exposition) gauge(name, help string, value float64) {
	e.family(name, "gauge", help)
	e.sample(name, value)
}

func escapeLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s)
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func itoa(n int) string { return strconv.Itoa(n) }

func compareAsked(a, b asked) int {
	return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.method, b.method), cmp.Compare(a.code, b.code))
}
